"""Modules that all areas share. The kernel knows no area; its modules are imported one by one."""
