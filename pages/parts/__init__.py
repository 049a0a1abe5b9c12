"""Parts of pages that are long enough for a file of their own. Unlike a page, a part is loaded once, for all readers and
languages: words are translated inside its functions."""
