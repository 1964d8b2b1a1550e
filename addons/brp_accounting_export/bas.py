"""Account numbers that Swedish businesses commonly use (BAS), proposed where nothing better is known.

They are proposals that the bookkeeper reads and changes, not a chart of accounts.
"""

SALES = {"25": "3001", "12": "3002", "6": "3003", "0": "3004"}
OUTPUT_VAT = {"25": "2611", "12": "2621", "6": "2631"}
INPUT_VAT = ["2641", "2640"]
CASH = ["1910"]
BANK = ["1930", "1940"]
EVENTS = {"tip": "2820", "gift_card": "2421", "deposit": "2897", "fee": "6040", "rounding": "3740"}
