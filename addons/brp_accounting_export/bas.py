"""Account numbers that Swedish businesses commonly use (BAS), proposed where nothing better is known.

They are proposals that the bookkeeper reads and changes, not a chart of accounts.
"""

SALES = {"25": "3001", "12": "3002", "6": "3003", "0": "3004"}
OUTPUT_VAT = {"25": "2611", "12": "2621", "6": "2631"}
INPUT_VAT = ["2641", "2640"]
BANK = ["1930", "1940"]
# By what the account's number begins with: cards and the like, and cash.
MONEY = {"15": ["1580"], "191": ["1910"]}
EVENTS = {"tip": "2820", "gift_card": "2421", "deposit": "2897", "fee": "6040", "rounding": "3740"}
