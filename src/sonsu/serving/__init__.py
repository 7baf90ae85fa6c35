"""Reading over HTTP: the API, and the page to write on."""
