"""The one door to a language model: which model, how it is asked, what it costs, and what is written down."""
