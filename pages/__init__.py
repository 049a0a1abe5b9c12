"""The pages of the app, each a script that Streamlit runs. It is a package so that `pages.parts` can be imported."""
