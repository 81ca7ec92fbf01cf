"""Our own figures: how fast the register's parts are on this machine, measured whole.

Each bench makes a trial world of its own in a temporary folder, uses the parts as they are used in earnest (real
PostgreSQL, signatures, sealing, rules, audit), and gives beside each figure the ratio to something plainer that was
measured in the same run: machines are shared and noisy, ratios travel. Peers are measured elsewhere (`tests/bench`).
"""
