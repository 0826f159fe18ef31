"""Why a report says a thing, and what would make it say another."""
