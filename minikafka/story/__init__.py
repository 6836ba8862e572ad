"""Stories: a transcript of commands with the whole expected trace beneath each.

Above deploy and laws. `transcript` reads and writes the text, `teller` runs it, `commands` says what each line does.
"""
