"""The admin kit: a skin over services. It shows, asks and refuses; it decides nothing."""
