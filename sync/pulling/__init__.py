"""What goes with a pull: the next piece begun ahead, tickets, and nights compared with what evaluators say of them."""
