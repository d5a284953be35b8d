"""A small project as a prompt shows it, and one right edit of it in each form in which an answer can carry it."""

import json

from tests.modelserver import Reply, ToolCall

OLD = "    return gross * rate\n"
NEW = "    return gross / rate\n"

PRICE = f'''def net(gross, rate):
    """Price without tax."""
{OLD}

def tax(gross, rate):
    """The tax in a price."""
    share = net(gross, rate)
    return gross - share


def total(prices, rate):
    """The sum of net prices."""
    return sum(net(each, rate) for each in prices)
'''

TEST = "from shop.price import net\n\n\ndef test_net():\n    assert net(120, 1.2) == 100\n"

PROMPT = f"""Goal:
```text
net takes the tax off
```

shop/price.py
```python
{PRICE}```

The tests that will judge it:
tests/test_price.py
```python
{TEST}```
"""

FIXED = PRICE.replace(OLD, NEW, 1)

CARRIERS = {
    "blocks": Reply(f"shop/price.py\n```\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```\n"),
    "whole": Reply(f"shop/price.py\n```py\n{FIXED}```\n"),
    "json": Reply(json.dumps({"edits": [{"path": "shop/price.py", "old": OLD, "new": NEW}]})),
    "calls": Reply(
        None, tool_calls=(ToolCall("edit", {"file_path": "shop/price.py", "old_string": OLD, "new_string": NEW}),)
    ),
}
"""The right edit as a SEARCH/REPLACE block, as a whole file, as JSON, as a tool call."""
