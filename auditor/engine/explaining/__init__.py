"""Why rows came to their outcomes: decided as an audit decides them, and shown part by part."""
