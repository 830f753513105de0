# %% [markdown]
# # __NAME__
#
# A recommender, from tables to lists with reasons. Run the cells from top to bottom.

# %%
import product
from settings import EXAMPLE

recommender = product.recommender()
recommender

# %% [markdown]
# ## The data

# %%
recommender.data().verdict

# %% [markdown]
# ## A list for a user

# %%
import pandas as pd

USER = EXAMPLE
found = product.recommend(USER)
pd.DataFrame(
    [
        {"item": one.item.title, "score": one.score, "why": str(one.reason.notice)}
        for one in found.items
    ]
)

# %% [markdown]
# ## What this user did before

# %%
pd.DataFrame([{"item": one.item.title, "what": one.kind, "when": one.at} for one in found.history])

# %% [markdown]
# ## Somebody new, with one like

# %%
like = recommender.find_items("", 1)[0]
[one.item.title for one in product.recommend("", [like.item_id]).items]

# %% [markdown]
# ## Items that go with an item

# %%
[(one.item.title, str(one.reason.notice)) for one in product.similar(like.item_id)]
