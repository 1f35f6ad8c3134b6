"""Other forms of a collection: functions from records to text, opening no file."""
