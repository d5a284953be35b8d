"""Being hosted: one command for another program, over standard input and output, in lines of JSON.

The host writes one order, then answers to what it is asked; its end of input ends the command. It is told the progress,
what is asked of its user, and the result. OpenCode's plugin and the ACP agent are hosts.
"""
