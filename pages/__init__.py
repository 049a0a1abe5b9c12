"""The pages of the app, each a script that Streamlit runs. A package so that `pages.parts` is ours wherever it runs."""
