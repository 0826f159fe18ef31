"""What an editor needs to know of a pack: JSON Schemas made of its own words, and where they are put."""
