# %% [markdown]
# # __NAME__
#
# A chatbot, from the documents to an answer. Run the cells from top to bottom.

# %%
import opening
import product
from settings import EXAMPLE

bot = product.chatbot()
bot

# %% [markdown]
# ## The documents
#
# Each was read once, page by page; the text lies in `data/texts`.

# %%
import pandas as pd

pd.DataFrame(
    [
        {"document": one.name, "pages": one.n_pages, "characters": one.n_characters}
        for one in bot.documents()
    ]
)

# %% [markdown]
# ## Step 1: which passages fit the question?
#
# The question is looked for by its words (BM25) and by its meaning (the nearest vectors), and both
# lists are joined. Passages below `MIN_RELEVANCE` are not used.

# %%
QUESTION = EXAMPLE
product.find_passages(QUESTION)

# %% [markdown]
# ## Step 2: the answer
#
# The model writes from these passages; every sentence is held against them, and what none bears out
# is left out.

# %%
answer = product.ask(QUESTION)
answer

# %%
print(answer.text)

# %% [markdown]
# ## What it took
#
# Every call of a model is in the ledger, with its time, its tokens and its cost.

# %%
calls = opening.workbench().calls(bot.id)
calls[["stage", "model", "tokens_in", "tokens_out", "total_ms", "cost"]].tail()

# %% [markdown]
# ## Change something
#
# Settings are constants in `settings.py`; the same for one try, without changing the file:

# %%
from dataclasses import replace

trial = replace(bot.settings, n_passages=1)
bot.bench.find(QUESTION, trial)
