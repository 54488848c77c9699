"""Pages of joining, of the member, and of the card's check. They hold sessions and are never cached."""
