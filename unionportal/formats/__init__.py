"""How dates and times are read and written here, where Django's own formats fall short."""
