"""Public and member pages: what is on, giveaways, wishes, jobs, and what of it is mine."""
