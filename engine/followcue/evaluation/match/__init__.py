"""Program and facts to derivations: several matchers behind one protocol, with one meaning."""
