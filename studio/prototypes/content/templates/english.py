"""The templates in English: forms, instructions, worked examples."""

from __future__ import annotations

from dataclasses import replace

from studio.prototypes.content.template import Example, OutputField, Template, Variable
from studio.prototypes.content.templates.names import NAMES

_AUDIENCE = Variable(
    name="audience",
    label="For whom",
    help="Who reads it.",
    example="couples who hike for the first time",
)
_TONE = Variable(
    name="tone", label="Tone", help="How it should sound.", example="calm and concrete"
)
_FACTS = Variable(
    name="facts",
    label="Facts",
    type="list",
    help="What may be said, one fact per line. Nothing else should be in the text.",
    example="sleeps two; 2.1 kg; two doors; five-year warranty",
    required=True,
    is_source=True,
)
_INCLUDE = Variable(
    name="must_include",
    label="Words that have to occur",
    type="list",
    help="Each text is checked for them.",
    example="2.1 kg; two doors",
)
_AVOID = Variable(
    name="must_avoid",
    label="Words that must not occur",
    type="list",
    help="Each text is checked for them.",
    example="best in the world",
)
_LENGTH = Variable(
    name="length",
    label="Length in words",
    type="number",
    help="About how long; up to 30% more or less passes.",
    example="60",
)
_STYLE = (
    "{% if audience %}\nReaders: {{ audience }}\n{% endif %}"
    "{% if tone %}\nTone: {{ tone }}\n{% endif %}"
    "{% if must_include %}\nUse these words: {{ must_include | join('; ') }}\n{% endif %}"
    "{% if must_avoid %}\nDo not use: {{ must_avoid | join('; ') }}\n{% endif %}"
)

_PRODUCT = Template(
    id="product-description",
    name=NAMES["product-description"][0],
    description=NAMES["product-description"][1],
    variables=(
        Variable(
            name="product",
            label="Product",
            help="Its name.",
            example="Cove 2 Tent",
            required=True,
            is_source=True,
        ),
        _FACTS,
        _AUDIENCE,
        _TONE,
        _INCLUDE,
        _AVOID,
        _LENGTH,
    ),  # fmt: skip
    instructions=(
        "Write a product description{% if length %} of about {{ length }} words{% endif %}.\n"
        "Product: {{ product }}\nFacts: {{ facts | join('; ') }}\n" + _STYLE
    ),
    examples=(
        Example(
            values=(
                ("product", "Alder Mug"),
                ("facts", "350 ml; enamelled steel; 180 g; dishwasher-safe"),
                ("audience", "people who camp"),
                ("length", "40"),
            ),
            text=(
                "The Alder Mug is made for mornings outdoors. It holds 350 ml, weighs just 180 g and "
                "is made of enamelled steel that takes a knock. Back home it goes straight into the "
                "dishwasher."
            ),
        ),
        Example(
            values=(
                ("product", "Slate Notebook"),
                ("facts", "A5; 160 pages; recycled paper; lies flat"),
                ("tone", "calm"),
                ("must_include", "lies flat"),
                ("length", "35"),
            ),
            text=(
                "The Slate Notebook gives you 160 pages of recycled paper in A5. It lies flat when "
                "you open it, so both hands stay free for writing and your notes stay easy to read."
            ),
        ),
    ),
    min_words=25,
    max_words=120,
    max_new_tokens=180,
)

_AD = Template(
    id="ad",
    name=NAMES["ad"][0],
    description=NAMES["ad"][1],
    variables=(
        Variable(
            name="product",
            label="Product or offer",
            example="Ember 88 Stove",
            required=True,
            is_source=True,
        ),
        replace(_FACTS, example="boils a litre in 3 minutes; 88 g; folds flat"),
        _AUDIENCE,
        _TONE,
        replace(_INCLUDE, example="88 g"),
        _AVOID,
    ),  # fmt: skip
    instructions=(
        "Write a short ad: one headline and at most two sentences.\n"
        "Offer: {{ product }}\nFacts: {{ facts | join('; ') }}\n" + _STYLE
    ),
    examples=(
        Example(
            values=(
                ("product", "Alder Mug"),
                ("facts", "350 ml; 180 g; $14"),
                ("audience", "weekend campers"),
            ),
            text=(
                "Coffee, wherever you wake up. The Alder Mug holds 350 ml and weighs 180 g. Yours for "
                "$14."
            ),
        ),
        Example(
            values=(
                ("product", "Slate Notebook"),
                ("facts", "160 pages; lies flat"),
                ("tone", "brisk"),
            ),
            text="Open it. Write. 160 pages that lie flat: the Slate Notebook.",
        ),
    ),
    min_words=6,
    max_words=50,
    max_new_tokens=90,
)

_EMAIL = Template(
    id="email",
    name=NAMES["email"][0],
    description=NAMES["email"][1],
    variables=(
        Variable(
            name="purpose",
            label="What it is about",
            example="the repair service opens in May",
            required=True,
            is_source=True,
        ),
        replace(_FACTS, example="zips from $12; holes from $9; express service in four days"),
        Variable(
            name="action", label="What readers should do", example="book a repair", is_source=True
        ),
        Variable(name="sender", label="Sender", example="Maple & Tide", is_source=True),
        replace(_AUDIENCE, example="customers who bought from us before"),
        _TONE,
        _AVOID,
    ),  # fmt: skip
    instructions=(
        "Write an e-mail with a subject line, a greeting, at most three short paragraphs and a "
        "closing.\nAbout: {{ purpose }}\nFacts: {{ facts | join('; ') }}\n"
        "{% if action %}\nAsk readers to: {{ action }}\n{% endif %}"
        "{% if sender %}\nFrom: {{ sender }}\n{% endif %}"
        "{% if audience %}\nReaders: {{ audience }}\n{% endif %}"
        "{% if tone %}\nTone: {{ tone }}\n{% endif %}"
        "{% if must_avoid %}\nDo not use: {{ must_avoid | join('; ') }}\n{% endif %}"
    ),
    examples=(
        Example(
            values=(
                ("purpose", "the spring sale begins"),
                ("facts", "20% off all lamps; until Sunday"),
                ("action", "have a look"),
                ("sender", "the Lampshop"),
            ),
            text=(
                "Subject: 20% off all lamps until Sunday\n\nHello,\n\nour spring sale begins today: "
                "all lamps are 20% off until Sunday.\n\nHave a look before your favourite is gone.\n\n"
                "Best wishes\nThe Lampshop"
            ),
        ),
    ),
    min_words=30,
    max_words=180,
    max_new_tokens=240,
)

_BLOG = Template(
    id="blog",
    name=NAMES["blog"][0],
    description=NAMES["blog"][1],
    variables=(
        Variable(
            name="topic",
            label="Topic",
            example="how to choose your first tent",
            required=True,
            is_source=True,
        ),
        Variable(
            name="part",
            label="What to write",
            type="choice",
            choices=("outline", "article"),
            example="outline",
            required=True,
        ),
        Variable(
            name="facts",
            label="Facts",
            type="list",
            is_source=True,
            help="What may be said, one fact per line.",
            example="sleeps two; 2.1 kg",
        ),
        _AUDIENCE,
        _TONE,
        replace(_LENGTH, example="120"),
    ),  # fmt: skip
    instructions=(
        "Write a blog {{ part }} in Markdown{% if length %} of about {{ length }} words{% endif %}. "
        "Begin with a title as a heading. "
        "{% if part == 'outline' %}Give four headings with two points each."
        "{% else %}Use headings and short paragraphs.{% endif %}\n\n"
        "Topic: {{ topic }}\n"
        "{% if facts %}\nFacts: {{ facts | join('; ') }}\n{% endif %}"
        "{% if audience %}\nReaders: {{ audience }}\n{% endif %}"
        "{% if tone %}\nTone: {{ tone }}\n{% endif %}"
    ),
    examples=(
        Example(
            values=(("topic", "how to care for a wooden board"), ("part", "outline")),
            text=(
                "# How to care for a wooden board\n\n## After every use\n- Wipe it with a damp cloth\n"
                "- Dry it standing up\n\n## Once a month\n- Rub in oil\n- Leave it overnight\n\n"
                "## What harms it\n- The dishwasher\n- Standing in water\n\n## When it is worn\n"
                "- Sand it lightly\n- Oil it again"
            ),
        ),
    ),
    shape="markdown",
    min_words=30,
    max_words=700,
    max_new_tokens=700,
    suits_small=False,
)

_SOCIAL = Template(
    id="social-post",
    name=NAMES["social-post"][0],
    description=NAMES["social-post"][1],
    variables=(
        Variable(
            name="channel",
            label="Channel",
            type="choice",
            choices=("Instagram", "LinkedIn", "X", "Facebook", "WeChat", "Xiaohongshu"),
            example="Instagram",
            required=True,
        ),
        Variable(
            name="topic",
            label="What it is about",
            example="the new rain jacket",
            required=True,
            is_source=True,
        ),
        replace(_FACTS, example="packs into its pocket; 180 g; $98"),
        replace(_AUDIENCE, example="people who cycle to work"),
        _TONE,
        replace(_INCLUDE, example="180 g"),
        _AVOID,
    ),  # fmt: skip
    instructions=(
        "Write one post for {{ channel }}. "
        "{% if channel == 'X' %}At most 40 words."
        "{% elif channel == 'LinkedIn' %}Three to five sentences, businesslike."
        "{% else %}Two to four short sentences.{% endif %} "
        "End with two hashtags.\n"
        "About: {{ topic }}\nFacts: {{ facts | join('; ') }}\n" + _STYLE
    ),
    examples=(
        Example(
            values=(
                ("channel", "Instagram"),
                ("topic", "Alder Mug"),
                ("facts", "350 ml; 180 g; four colours"),
            ),
            text=(
                "Meet the Alder Mug: 350 ml of coffee in 180 g of mug. Four colours, one campfire. "
                "#camping #coffee"
            ),
        ),
    ),
    min_words=8,
    max_words=90,
    max_new_tokens=120,
)

_FAQ = Template(
    id="faq",
    name=NAMES["faq"][0],
    description=NAMES["faq"][1],
    variables=(
        Variable(
            name="question",
            label="Question",
            example="How long does delivery take?",
            required=True,
            help="The answer is looked up in your documents.",
        ),
        _TONE,
        replace(_LENGTH, example="30"),
    ),  # fmt: skip
    instructions=(
        "Answer the question for a page of frequently asked questions"
        "{% if length %} in about {{ length }} words{% else %} in one or two sentences{% endif %}. "
        "Use only the facts given.\nQuestion: {{ question }}\n"
        "{% if tone %}\nTone: {{ tone }}\n{% endif %}"
    ),
    max_words=80,
    max_new_tokens=120,
    needs_documents=True,
)

_SEO = Template(
    id="seo",
    name=NAMES["seo"][0],
    description=NAMES["seo"][1],
    variables=(
        Variable(
            name="topic",
            label="What the page is about",
            example="two-person tents",
            required=True,
            is_source=True,
        ),
        _FACTS,
        Variable(
            name="keywords",
            label="Keywords",
            type="list",
            is_source=True,
            help="What people search for.",
            example="light tent; tent for two",
        ),
        Variable(name="brand", label="Brand", example="Maple & Tide", is_source=True),
    ),  # fmt: skip
    instructions=(
        "Write what a search engine shows of a page: a title of at most 60 characters, a "
        "description of at most 155 characters, and keywords.\n"
        "Page: {{ topic }}\nFacts: {{ facts | join('; ') }}\n"
        "{% if keywords %}\nPeople search for: {{ keywords | join('; ') }}\n{% endif %}"
        "{% if brand %}\nBrand: {{ brand }}\n{% endif %}"
    ),
    examples=(
        Example(
            values=(
                ("topic", "enamel mugs"),
                ("facts", "350 ml; 180 g; four colours"),
                ("keywords", "enamel mug; camping mug"),
                ("brand", "Alder"),
            ),
            text=(
                '{"title": "Enamel mugs for camping | Alder", "description": "Enamel mugs of 350 ml '
                'that weigh only 180 g. A camping mug in four colours.", "keywords": ["enamel mug", '
                '"camping mug"]}'
            ),
        ),
    ),
    shape="fields",
    fields=(
        OutputField(name="title", help="at most 60 characters", max_length=60),
        OutputField(name="description", help="at most 155 characters", max_length=155),
        OutputField(name="keywords", type="list"),
    ),
    max_new_tokens=400,
    suits_small=False,
)

_PRESS = Template(
    id="press-release",
    name=NAMES["press-release"][0],
    description=NAMES["press-release"][1],
    variables=(
        Variable(
            name="news",
            label="The news",
            example="Maple & Tide opens a repair workshop",
            required=True,
            is_source=True,
        ),
        replace(
            _FACTS, example="14 Ropewalk Lane; eight menders; zips from $12; open on Saturdays"
        ),
        Variable(
            name="place_date", label="Place and date", example="Port Alder, 3 May", is_source=True
        ),
        Variable(
            name="quote",
            label="A quotation",
            type="long_text",
            is_source=True,
            help="Word for word, with who said it. Nothing is invented.",
            example="“We would rather repair a thing than replace it,” says the head of the workshop.",
        ),
        Variable(
            name="contact",
            label="Contact for the press",
            is_source=True,
            example="press@mapletide.example",
        ),
        replace(_LENGTH, example="150"),
    ),  # fmt: skip
    instructions=(
        "Write a press release{% if length %} of about {{ length }} words{% endif %}: a headline, "
        "then who, what, when, where and why, the most important first. Invent no quotation.\n"
        "News: {{ news }}\nFacts: {{ facts | join('; ') }}\n"
        "{% if place_date %}\nPlace and date: {{ place_date }}\n{% endif %}"
        "{% if quote %}\nQuotation: {{ quote }}\n{% endif %}"
        "{% if contact %}\nContact: {{ contact }}\n{% endif %}"
    ),
    shape="markdown",
    min_words=60,
    max_words=400,
    max_new_tokens=420,
    suits_small=False,
)

_SUMMARY = Template(
    id="summary",
    name=NAMES["summary"][0],
    description=NAMES["summary"][1],
    variables=(
        Variable(
            name="text",
            label="Text",
            type="long_text",
            required=True,
            is_source=True,
            help="A longer one belongs under Long text, which reads it in parts.",
            example=(
                "Our workshop repaired 5,180 items in 2025, more than the jackets we sold. A normal "
                "repair takes twelve working days, an express repair four, for $15 more. In May and "
                "June there is much to do, and a normal repair may take eighteen."
            ),
        ),
        replace(_LENGTH, example="25"),
    ),  # fmt: skip
    instructions=(
        "Summarise the text in {% if length %}about {{ length }} words{% else %}two sentences"
        "{% endif %}.\nText: {{ text }}\n"
    ),
    max_words=150,
    max_new_tokens=160,
)

_TRANSLATION = Template(
    id="translation",
    name=NAMES["translation"][0],
    description=NAMES["translation"][1],
    variables=(
        Variable(
            name="text",
            label="Chinese text",
            type="long_text",
            required=True,
            is_source=True,
            example="这款帐篷只有2.1公斤，住得下两个人。",
        ),
        Variable(
            name="terms",
            label="Fixed translations",
            type="list",
            is_source=True,
            help="One per line: term = translation.",
            example="枫汐 = Maple & Tide",
        ),
        _TONE,
    ),  # fmt: skip
    instructions=(
        "Translate the text from Chinese into English. Keep numbers, names and line breaks. Give "
        "the translation only.\n"
        "{% if terms %}\nFixed translations: {{ terms | join('; ') }}\n{% endif %}"
        "{% if tone %}\nTone: {{ tone }}\n{% endif %}"
        "Text: {{ text }}\n"
    ),
    max_new_tokens=600,
    suits_small=False,
)

_REWRITE = Template(
    id="rewrite",
    name=NAMES["rewrite"][0],
    description=NAMES["rewrite"][1],
    variables=(
        Variable(
            name="text",
            label="Text",
            type="long_text",
            required=True,
            is_source=True,
            example="Orders placed before noon are shipped the same day.",
        ),
        Variable(name="tone", label="New tone", example="friendlier", required=True),
        replace(_AUDIENCE, example="customers who wait for a parcel"),
        replace(_LENGTH, example="15"),
    ),  # fmt: skip
    instructions=(
        "Rewrite the text in another tone and keep every fact"
        "{% if length %}, in about {{ length }} words{% endif %}.\n"
        "New tone: {{ tone }}\n{% if audience %}\nReaders: {{ audience }}\n{% endif %}"
        "Text: {{ text }}\n"
    ),
    examples=(
        Example(
            values=(
                ("text", "The library closes at 6 pm. Books have to be returned before."),
                ("tone", "friendlier"),
            ),
            text=(
                "We close at 6 pm, so please bring your books back before then. Thank you for reading "
                "with us."
            ),
        ),
    ),
    max_words=300,
    max_new_tokens=400,
)

TEMPLATES: tuple[Template, ...] = (
    _PRODUCT, _AD, _EMAIL, _BLOG, _SOCIAL, _FAQ, _SEO, _PRESS, _SUMMARY, _TRANSLATION, _REWRITE,
)  # fmt: skip
