"""The templates in Chinese: forms, instructions, worked examples."""

from __future__ import annotations

from dataclasses import replace

from studio.prototypes.content.template import Example, OutputField, Template, Variable
from studio.prototypes.content.templates.names import NAMES

_AUDIENCE = Variable(
    name="audience", label="写给谁看", help="读者是谁。", example="第一次一起徒步的情侣"
)
_TONE = Variable(name="tone", label="语气", help="读起来是什么感觉。", example="平实可信")
_FACTS = Variable(
    name="facts",
    label="事实",
    type="list",
    help="可以写的内容，一行一条；文案里不该出现别的。",
    example="双人；2.1公斤；两个门；保修五年",
    required=True,
    is_source=True,
)
_INCLUDE = Variable(
    name="must_include",
    label="必须出现的词",
    type="list",
    help="每篇都会检查。",
    example="2.1公斤；两个门",
)
_AVOID = Variable(
    name="must_avoid", label="不能出现的词", type="list", help="每篇都会检查。", example="全球最佳"
)
_LENGTH = Variable(
    name="length",
    label="字数",
    type="number",
    help="大约多长，多三成或少三成都算合格。",
    example="100",
)
_STYLE = (
    "{% if audience %}\n读者：{{ audience }}\n{% endif %}"
    "{% if tone %}\n语气：{{ tone }}\n{% endif %}"
    "{% if must_include %}\n要用到：{{ must_include | join('；') }}\n{% endif %}"
    "{% if must_avoid %}\n不要用：{{ must_avoid | join('；') }}\n{% endif %}"
)

_PRODUCT = Template(
    id="product-description",
    name=NAMES["product-description"][0],
    description=NAMES["product-description"][1],
    variables=(
        Variable(
            name="product",
            label="商品",
            help="商品名称。",
            example="小湾2双人帐",
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
        "写一段商品描述{% if length %}，大约{{ length }}字{% endif %}。\n"
        "商品：{{ product }}\n事实：{{ facts | join('；') }}\n" + _STYLE
    ),
    examples=(
        Example(
            values=(
                ("product", "桤木杯"),
                ("facts", "350毫升；搪瓷；180克；可进洗碗机"),
                ("audience", "露营的人"),
                ("length", "50"),
            ),
            text="桤木杯为户外的早晨而做：350毫升的容量，只有180克重，搪瓷杯身不怕磕碰。回到家，直接放进洗碗机就好。",
        ),
    ),
    min_words=30,
    max_words=200,
    max_new_tokens=260,
)

_AD = Template(
    id="ad",
    name=NAMES["ad"][0],
    description=NAMES["ad"][1],
    variables=(
        Variable(
            name="product", label="商品或活动", example="余烬88炉头", required=True, is_source=True
        ),
        replace(_FACTS, example="三分钟烧开一升水；88克；折起来是平的"),
        _AUDIENCE,
        _TONE,
        replace(_INCLUDE, example="88克"),
        _AVOID,
    ),  # fmt: skip
    instructions=(
        "写一条短广告：一句标题，再加最多两句话。\n"
        "推广：{{ product }}\n事实：{{ facts | join('；') }}\n" + _STYLE
    ),
    examples=(
        Example(
            values=(("product", "桤木杯"), ("facts", "350毫升；180克；14美元")),
            text="在哪儿醒来，都有一杯咖啡。桤木杯，350毫升，180克，14美元带走。",
        ),
    ),
    min_words=8,
    max_words=80,
    max_new_tokens=120,
)

_EMAIL = Template(
    id="email",
    name=NAMES["email"][0],
    description=NAMES["email"][1],
    variables=(
        Variable(
            name="purpose",
            label="要说什么事",
            example="五月开始提供维修服务",
            required=True,
            is_source=True,
        ),
        replace(_FACTS, example="换拉链12美元起；补洞9美元起；加急四天修好"),
        Variable(name="action", label="希望读者做什么", example="预约维修", is_source=True),
        Variable(name="sender", label="发件人", example="枫汐", is_source=True),
        replace(_AUDIENCE, example="买过东西的老顾客"),
        _TONE,
        _AVOID,
    ),  # fmt: skip
    instructions=(
        "写一封邮件：主题、称呼、最多三小段正文、落款。\n"
        "事由：{{ purpose }}\n事实：{{ facts | join('；') }}\n"
        "{% if action %}\n请读者：{{ action }}\n{% endif %}"
        "{% if sender %}\n发件人：{{ sender }}\n{% endif %}"
        "{% if audience %}\n读者：{{ audience }}\n{% endif %}"
        "{% if tone %}\n语气：{{ tone }}\n{% endif %}"
        "{% if must_avoid %}\n不要用：{{ must_avoid | join('；') }}\n{% endif %}"
    ),
    min_words=40,
    max_words=300,
    max_new_tokens=360,
)

_BLOG = Template(
    id="blog",
    name=NAMES["blog"][0],
    description=NAMES["blog"][1],
    variables=(
        Variable(
            name="topic", label="主题", example="第一顶帐篷怎么选", required=True, is_source=True
        ),
        Variable(
            name="part",
            label="写什么",
            type="choice",
            choices=("提纲", "全文"),
            example="提纲",
            required=True,
        ),
        Variable(
            name="facts",
            label="事实",
            type="list",
            is_source=True,
            help="可以写的内容，一行一条。",
            example="双人；2.1公斤",
        ),
        _AUDIENCE,
        _TONE,
        replace(_LENGTH, example="300"),
    ),  # fmt: skip
    instructions=(
        "用Markdown写一篇博客{{ part }}{% if length %}，大约{{ length }}字{% endif %}。"
        "先写一级标题。{% if part == '提纲' %}再列四个小标题，每个下面两个要点。"
        "{% else %}用小标题和短段落。{% endif %}\n\n"
        "主题：{{ topic }}\n"
        "{% if facts %}\n事实：{{ facts | join('；') }}\n{% endif %}"
        "{% if audience %}\n读者：{{ audience }}\n{% endif %}"
        "{% if tone %}\n语气：{{ tone }}\n{% endif %}"
    ),
    shape="markdown",
    min_words=40,
    max_words=1500,
    max_new_tokens=1100,
    suits_small=False,
)

_SOCIAL = Template(
    id="social-post",
    name=NAMES["social-post"][0],
    description=NAMES["social-post"][1],
    variables=(
        Variable(
            name="channel",
            label="平台",
            type="choice",
            choices=("小红书", "微信朋友圈", "微博", "抖音", "Instagram", "LinkedIn"),
            example="小红书",
            required=True,
        ),
        Variable(name="topic", label="写什么", example="新款雨衣", required=True, is_source=True),
        replace(_FACTS, example="能塞进自己的口袋；180克；98美元"),
        replace(_AUDIENCE, example="骑车上班的人"),
        _TONE,
        replace(_INCLUDE, example="180克"),
        _AVOID,
    ),  # fmt: skip
    instructions=(
        "给{{ channel }}写一条内容。"
        "{% if channel == '小红书' %}先写一行标题，再写三到五个短句。"
        "{% elif channel == '微博' %}不超过140字。{% else %}两到四个短句。{% endif %}"
        "最后加两个话题标签。\n"
        "内容：{{ topic }}\n事实：{{ facts | join('；') }}\n" + _STYLE
    ),
    min_words=15,
    max_words=220,
    max_new_tokens=260,
)

_FAQ = Template(
    id="faq",
    name=NAMES["faq"][0],
    description=NAMES["faq"][1],
    variables=(
        Variable(
            name="question",
            label="问题",
            example="多久能送到？",
            required=True,
            help="答案会从你的资料里找。",
        ),
        _TONE,
        replace(_LENGTH, example="50"),
    ),  # fmt: skip
    instructions=(
        "为常见问题页面回答下面的问题"
        "{% if length %}，大约{{ length }}字{% else %}，一两句话{% endif %}。只用给出的事实。\n"
        "问题：{{ question }}\n{% if tone %}\n语气：{{ tone }}\n{% endif %}"
    ),
    max_words=150,
    max_new_tokens=200,
    needs_documents=True,
)

_SEO = Template(
    id="seo",
    name=NAMES["seo"][0],
    description=NAMES["seo"][1],
    variables=(
        Variable(name="topic", label="页面内容", example="双人帐篷", required=True, is_source=True),
        _FACTS,
        Variable(
            name="keywords",
            label="关键词",
            type="list",
            is_source=True,
            help="大家会搜什么。",
            example="轻量帐篷；双人帐",
        ),
        Variable(name="brand", label="品牌", example="枫汐", is_source=True),
    ),  # fmt: skip
    instructions=(
        "写出搜索结果里显示的内容：标题不超过30字，描述不超过80字，再列出关键词。\n"
        "页面：{{ topic }}\n事实：{{ facts | join('；') }}\n"
        "{% if keywords %}\n大家会搜：{{ keywords | join('；') }}\n{% endif %}"
        "{% if brand %}\n品牌：{{ brand }}\n{% endif %}"
    ),
    shape="fields",
    fields=(
        OutputField(name="title", help="不超过30字", max_length=30),
        OutputField(name="description", help="不超过80字", max_length=80),
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
            name="news", label="新闻", example="枫汐维修工坊开张", required=True, is_source=True
        ),
        replace(_FACTS, example="绳索巷14号；八位师傅；换拉链12美元起；周六也开门"),
        Variable(name="place_date", label="地点和日期", example="奥尔德港，5月3日", is_source=True),
        Variable(
            name="quote",
            label="引语",
            type="long_text",
            is_source=True,
            help="原话，注明是谁说的；不会编造。",
            example="“能修的，我们就不换。”工坊负责人说。",
        ),
        Variable(
            name="contact",
            label="媒体联系人",
            is_source=True,
            example="press@mapletide.example",
        ),
        replace(_LENGTH, example="300"),
    ),  # fmt: skip
    instructions=(
        "写一篇新闻稿{% if length %}，大约{{ length }}字{% endif %}：先写标题，"
        "再按重要程度写清何人、何事、何时、何地、为何。不要编造引语。\n"
        "新闻：{{ news }}\n事实：{{ facts | join('；') }}\n"
        "{% if place_date %}\n地点和日期：{{ place_date }}\n{% endif %}"
        "{% if quote %}\n引语：{{ quote }}\n{% endif %}"
        "{% if contact %}\n联系人：{{ contact }}\n{% endif %}"
    ),
    shape="markdown",
    min_words=80,
    max_words=800,
    max_new_tokens=700,
    suits_small=False,
)

_SUMMARY = Template(
    id="summary",
    name=NAMES["summary"][0],
    description=NAMES["summary"][1],
    variables=(
        Variable(
            name="text",
            label="原文",
            type="long_text",
            required=True,
            is_source=True,
            help="更长的放到“长文”里，会分段来读。",
            example=(
                "2025年，工坊一共修好了5180件东西，比卖出去的外套还多。普通维修要12个工作日；加急四个工作日，"
                "加收15美元。五六月活儿多，普通维修可能要18个工作日。"
            ),
        ),
        replace(_LENGTH, example="40"),
    ),  # fmt: skip
    instructions=(
        "{% if length %}用大约{{ length }}字{% else %}用两句话{% endif %}概括下面的内容。\n"
        "原文：{{ text }}\n"
    ),
    max_words=300,
    max_new_tokens=260,
)

_TRANSLATION = Template(
    id="translation",
    name=NAMES["translation"][0],
    description=NAMES["translation"][1],
    variables=(
        Variable(
            name="text",
            label="英文原文",
            type="long_text",
            required=True,
            is_source=True,
            example="The tent weighs 2.1 kg and sleeps two.",
        ),
        Variable(
            name="terms",
            label="固定译法",
            type="list",
            is_source=True,
            help="一行一条：原词 = 译法。",
            example="Maple & Tide = 枫汐",
        ),
        _TONE,
    ),  # fmt: skip
    instructions=(
        "把下面的英文译成简体中文。数字、名称和换行都保留，只给出译文。\n"
        "{% if terms %}\n固定译法：{{ terms | join('；') }}\n{% endif %}"
        "{% if tone %}\n语气：{{ tone }}\n{% endif %}"
        "原文：{{ text }}\n"
    ),
    max_new_tokens=700,
    suits_small=False,
)

_REWRITE = Template(
    id="rewrite",
    name=NAMES["rewrite"][0],
    description=NAMES["rewrite"][1],
    variables=(
        Variable(
            name="text",
            label="原文",
            type="long_text",
            required=True,
            is_source=True,
            example="中午之前下单，当天发货。",
        ),
        Variable(name="tone", label="新的语气", example="更亲切", required=True),
        replace(_AUDIENCE, example="在等包裹的顾客"),
        replace(_LENGTH, example="25"),
    ),  # fmt: skip
    instructions=(
        "换一种语气改写下面的文字，事实一条都不能少{% if length %}，大约{{ length }}字{% endif %}。\n"
        "新的语气：{{ tone }}\n{% if audience %}\n读者：{{ audience }}\n{% endif %}"
        "原文：{{ text }}\n"
    ),
    max_words=600,
    max_new_tokens=500,
)

TEMPLATES: tuple[Template, ...] = (
    _PRODUCT, _AD, _EMAIL, _BLOG, _SOCIAL, _FAQ, _SEO, _PRESS, _SUMMARY, _TRANSLATION, _REWRITE,
)  # fmt: skip
