"""Regional statistics: contributions, published figures, releases and their life. One use case a module."""
