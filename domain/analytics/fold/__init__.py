"""The fold: brings facts and sums up to date from the event log, makes them anew, and checks them."""
