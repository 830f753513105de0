# %% [markdown]
# # __NAME__
#
# A classifier, from tables to labels with reasons. Run the cells from top to bottom.

# %%
import product
from settings import EXAMPLE

classifier = product.classifier()
classifier

# %% [markdown]
# ## What it learnt from

# %%
classifier.report()

# %% [markdown]
# ## A text
#
# A model turns it into a vector, the head turns the vector into a confidence for each label.

# %%
TEXT = EXAMPLE or "Where is my parcel?"
found = product.classify(TEXT)
found

# %% [markdown]
# ## Why

# %%
import pandas as pd

pd.DataFrame([{"words": one.words, "adds": one.weight} for one in product.explain(TEXT).words])

# %%
pd.DataFrame(
    [{"example": one.text, "label": one.label, "cosine": one.likeness} for one in found.nearest]
)

# %% [markdown]
# ## How good it is, on texts it had not seen

# %%
measured = classifier.evaluation()
print(
    measured.verdict if measured else "It was not tested: there was no labelled text to hold out."
)
