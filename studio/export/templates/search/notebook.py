# %% [markdown]
# # __NAME__
#
# A search, from the documents to ranked results. Run the cells from top to bottom.

# %%
import opening
import product
from settings import EXAMPLE

search = product.engine()
search

# %% [markdown]
# ## What is searched
#
# Each file was read once; rows of tables keep their columns. The text lies in `data/texts`.

# %%
import pandas as pd

pd.DataFrame([{"column": one.name, "kind": one.kind, "role": one.role} for one in search.columns()])

# %%
pd.DataFrame([{"file": one.name, "characters": one.n_characters} for one in search.documents()])

# %% [markdown]
# ## A query
#
# It is looked for by its words (BM25) and by its meaning (the nearest vectors); both lists are joined.

# %%
QUERY = EXAMPLE
outcome = product.search(QUERY)
outcome

# %% [markdown]
# ## Words, meaning, both

# %%
from dataclasses import replace

for mode in ("keyword", "semantic", "hybrid"):
    display(search.bench.find(QUERY, replace(search.settings, mode=mode)))

# %% [markdown]
# ## What it took

# %%
calls = opening.workbench().calls(search.id)
calls[["stage", "model", "tokens_in", "total_ms", "cost"]].tail()
