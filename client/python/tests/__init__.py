"""Tests of the client, most of them against a real server: ``python3 -m unittest`` in client/python."""
