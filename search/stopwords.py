"""Words too common to search for, by language: articles, pronouns, prepositions and forms of to be and to have.

Compiled by hand from the grammar of each language. Contractions stand in pieces, since an apostrophe parts words.
"""

_LISTS = {
    "en": """a about above after again against all am an and any are as at be because been before being below
    between both but by can could d did do does doing don down during each few for from further had has have
    having he her here hers herself him himself his how i if in into is isn it its itself just ll m may me might
    more most must my myself no nor not now of off on once only or other our ours ourselves out over own re s
    same shall she should so some such t than that the their theirs them themselves then there these they this
    those through to too under until up upon ve very was we were what when where which while who whom whose why
    will with would you your yours yourself yourselves also however thus therefore within without among via per
    cannot does didn doesn won wouldn couldn shouldn wasn weren aren hasn haven hadn""",
    "de": """aber alle allem allen aller alles als also am an ander andere anderen anderer anderes auch auf aus bei
    beim bin bis bist da dabei damit dann das dass dein deine dem den denn der des dessen deren dich die dies
    diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch
    euer eure für gegen habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer
    im in ins ist ja jede jedem jeden jeder jedes jener jetzt kann kein keine keinem keinen keiner können man
    mein meine mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem
    seinen seiner sich sie sind so soll sollte sondern über um und uns unser unsere unter vom von vor war waren
    was wie weg weil welche welchem welchen welcher welches wenn wer werde werden wird wir wo wurde wurden würde
    würden zu zum zur zwar zwischen""",
    "fr": """à afin ai aie ainsi alors après as au aucun aucune aura aussi autre autres aux avait avant avec avoir
    ayant bien c ça car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment d dans
    de des donc dont du elle elles en encore entre es est et étaient étais était étant été être eu eux fait faire
    fois font ici il ils j je jusqu l la là le les leur leurs lorsque lui m ma mais me même mêmes mes moi moins
    mon n ne ni non nos notre nous on ont ou où par parce pas pendant peu peut peuvent plus pour pourquoi puis
    qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si sien soit son sont sous sur ta te
    tes toi ton tous tout toute toutes très tu un une vers vos votre vous y""",
    "ar": """في من على إلى الى عن مع هذا هذه ذلك تلك هو هي هم هن أنا نحن أنت أنتم التي الذي الذين اللذين اللاتي ما ماذا
    لا لم لن إن أن ان كان كانت كانوا يكون تكون ليس ليست قد لقد كل بعض غير بين حتى إذا اذا لو ثم أو او أم بل لكن
    و ف ب ل ك يا كما كيف متى أين حيث عند عندما منذ خلال بعد قبل فوق تحت أي أيضا ايضا هنا هناك له لها لهم به بها
    بهم فيه فيها منه منها عليه عليها إليه إليها لأن لان إنه أنه أنها إنها وهو وهي وفي ومن وعلى""",
    "es": """a al algo algunas algunos ante antes como con contra cual cuando de del desde donde durante e el él
    ella ellas ellos en entre era es esa ese eso esta está están estas este esto estos fue ha han hasta hay la
    las le les lo los más me mi mucho muy nada ni no nos nosotros o os otra otros para pero poco por porque que
    qué quien se sea ser si sí sin sobre son su sus también tan te tiene todo todos tu un una uno unos y ya yo""",
}

STOP_WORDS = {language: frozenset(words.split()) for language, words in _LISTS.items()}
