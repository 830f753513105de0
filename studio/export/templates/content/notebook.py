# %% [markdown]
# # __NAME__
#
# A content generator, from a form to checked texts. Run the cells from top to bottom.

# %%
import opening
import product
from settings import EXAMPLE

generator = product.generator()
generator

# %% [markdown]
# ## The form

# %%
import pandas as pd

pd.DataFrame(
    [
        {"field": one.name, "label": one.label, "type": one.type, "required": one.required}
        for one in generator.settings.variables
    ]
)

# %% [markdown]
# ## What the model is told

# %%
VALUES = EXAMPLE
for message in product.prompt(VALUES):
    print(f"--- {message.role}\n{message.content}\n")

# %% [markdown]
# ## Two texts, with their checks

# %%
made = product.write(VALUES, n_variants=2)
for text in made.texts:
    print(text.content)
    print([f"{check.name}: {check.status}" for check in text.checks], "\n")

# %% [markdown]
# ## What it took

# %%
calls = opening.workbench().calls(generator.id)
calls[["stage", "model", "tokens_in", "tokens_out", "total_ms", "cost"]].tail()
