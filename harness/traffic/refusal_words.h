/*
 * By which words an answer declines, a row a language: what may come before
 * (apologies, "based on the documents"), and the words themselves, which
 * must be the first that say anything.  Regular expressions over the text in
 * NFKC, case folded, with one blank for any and ' for the typographic
 * apostrophe; patterns are folded alike, so no upper case class may be used.
 * SUITE.md "Declined answers" tells of them in words; test_refusal.c holds
 * examples of each.
 */
#ifndef LOCKSTEP_REFUSAL_WORDS_H
#define LOCKSTEP_REFUSAL_WORDS_H

enum script {
	SCRIPT_LATIN = 1, SCRIPT_CYRILLIC = 2, SCRIPT_ARABIC = 4,
	SCRIPT_DEVANAGARI = 8, SCRIPT_BENGALI = 16, SCRIPT_HAN = 32,
	SCRIPT_KANA = 64
};

static const struct refusal_row {
	const char *language;
	unsigned scripts;
	const char *before, *words;
} refusal_rows[] = {
	{ "English", SCRIPT_LATIN,
	    "(?:i am|i'm|we are|we're) (?:very |so |really |truly )?"
	    "(?:sorry|afraid)|sorry|(?:my |our )?apologies|"
	    "i apologi[sz]e(?: for [^.,!]{0,60})?|unfortunately|regrettably|"
	    "thank you[^.,!]{0,60}|thanks[^.,!]{0,60}|hello|hi|no|well|"
	    "as an? (?:ai|artificial|large|language)[^.,]{0,60}|"
	    "(?:based on|according to|given|from|in|within|after|having) "
	    "(?:the|this|that|these|those|your|my|our|what|reviewing|"
	    "searching|checking|reviewed|searched)[^.,]{0,100},|"
	    "(?:regarding|about|concerning|as for) [^.,]{0,100},|"
	    "it (?:seems|appears|looks)(?: like| that)?|i regret(?: to say)?|"
	    "but|however|that|and",
	    "(?:i|we) (?:just |really |simply |currently |still |honestly )?"
	    "(?:do not|don't|did not|didn't) (?:actually |currently )?"
	    "(?:know\\b|have (?:access|an answer|(?:any |enough |sufficient |"
	    "that |this |the |specific |relevant |more )*(?:information|info|"
	    "data|details|answer|knowledge|context))|find\\b|see (?:any|that|"
	    "this))|"
	    "(?:i|we)(?:'m| am| are|'re| was| were|)? ?(?:can't|can ?not|"
	    "could not|couldn't|not able to|unable to|wasn't able to|"
	    "weren't able to|won't be able to|will not be able to|will not|"
	    "won't|must decline to|have to decline to|decline to|refuse to) "
	    "(?:currently |directly |really |to )*(?:answer|find|locate|help|"
	    "assist|determine|provide|tell|say|give|respond|discuss|share|"
	    "confirm|verify|fulfil|comply|offer|identify)|"
	    "(?:i|we)(?:'ve| have)? (?:found (?:no|nothing)|no (?:information|"
	    "info|data|knowledge|idea|record|answer)|(?:lack|am lacking) "
	    "(?:the |enough |sufficient )*(?:information|context|access))|"
	    "(?:there (?:is|was|are|were) (?:no|not enough|insufficient|not "
	    "any|nothing) |there (?:isn't|wasn't|aren't) (?:any |enough |"
	    "sufficient )|there's (?:no|not enough) )(?:relevant |sufficient |"
	    "specific |such |available |enough |clear |direct )*(?"
	    ":information|"
	    "info|answer|mention|relevant documents?)\\b|"
	    "(?:(?:the|this|that|these|those|your|my|our|provided|given|"
	    "available|retrieved|supplied|above|current) )+(?:context|"
	    "documents?|passages?|sources?|texts?|information|excerpts?|"
	    "search "
	    "results?|results?|materials?|articles?|handbook|knowledge base|"
	    "snippets?|content|sections?|references?)(?: provided| given| "
	    "above| retrieved| available| supplied| i have| i was given)? "
	    "(?:does not|do not|doesn't|don't|did not|didn't) (?:appear to |"
	    "seem to |actually |specifically |explicitly |directly )*(?"
	    ":contain|"
	    ""
	    "mention|include|provide|specify|say|state|answer|have|cover|give|"
	    "address|discuss|tell|indicate)|"
	    "none of (?:the|these|those|your) (?:\\w+ )?(?:documents|passages|"
	    "sources|texts|excerpts|results|articles|sections) (?:contains?|"
	    "mentions?|says?|answers?|covers?|provides?)|"
	    "(?:this|that|the|your) (?:question|query|request|answer|"
	    "information|topic)(?: to [^.,]{0,80})? (?:(?:can't|can ?not|"
	    "could "
	    "not|couldn't) be (?:answered|found|determined|located|provided)"
	    "|is "
	    ""
	    "(?:out of|outside|beyond|not (?:covered|mentioned|addressed|"
	    "answered|answerable|within)))|"
	    "(?:the )?(?:requested |relevant |necessary |required )?"
	    "(?:information|answer)(?: you [\\w ]{0,30})? (?:is not|isn't|was "
	    "not|wasn't) (?:available|found|provided|present|mentioned|"
	    "included|"
	    ""
	    "covered|contained|specified|given|in the)|"
	    "(?:no|not enough|insufficient) (?:relevant |matching |"
	    "sufficient |"
	    "specific |further |such )*(?:information|info|answers?|results?|"
	    "documents?|passages?|context|matches)(?: (?:was|were|is|are|"
	    "could "
	    "be|can be))? (?:found|available|provided|about|to answer|for "
	    "(?:this|that|your)|in the|on (?:this|that))|"
	    "(?:no answer|no results?|insufficient information|not enough "
	    "information|unanswerable)[.! ]*$|"
	    "(?:it|this|that) (?:(?:is not|isn't) (?:mentioned|covered|"
	    "specified|stated|found|provided|addressed|possible to (?:answer|"
	    "say|determine|tell))|(?:can't|can ?not) be (?:answered|"
	    "determined))|"
	    "(?:nothing (?:was )?|not )(?:found|mentioned|stated|specified|"
	    "available|covered) in (?:the|this|these|any|your)|"
	    "nothing was found|"
	    "(?:unable to|can ?not|can't|could not|couldn't) (?:answer|find|"
	    "help|assist|determine|provide|locate|comply|be (?:answered|"
	    "determined|found))|"
	    "(?:out of|outside|outside of|beyond) (?:the |my |this )?"
	    "(?:scope|knowledge)" },
	{ "Spanish", SCRIPT_LATIN,
	    "lo siento(?: mucho)?|perd\xc3\xb3n|perdona|disculp\\w+|"
	    "lamentablemente|desafortunadamente|por desgracia|me temo(?: "
	    "que)?|"
	    "(?:seg\xc3\xban|de acuerdo con|en|con base en) (?:el|la|los|las) "
	    "[^.,]{0,80},|pero|que|lamento(?: decir)?(?: que)?",
	    "(?:yo )?no (?:lo s\xc3\xa9|s\xc3\xa9(?: la respuesta|[.! ]*$)|(?:"
	    "puedo|podemos|pude|pudimos|he podido|hemos podido|soy capaz de|"
	    "estoy en condiciones de) (?:responder|contestar|ayudar|encontrar|"
	    "proporcionar|determinar|decir|dar|localizar|ofrecer)|(?"
	    ":encuentro|"
	    "encontr\xc3\xa9|encontramos|he encontrado|hemos encontrado|tengo|"
	    "tenemos|dispongo de|disponemos de|cuento con|contamos con|hay|"
	    "existe|se encontr\xc3\xb3|se dispone de) (?:la |ninguna |"
	    "suficiente |suficientes |esa |m\xc3\xa1s |ning\xc3\xban )*(?:"
	    "informaci\xc3\xb3n|respuesta|datos|detalles|acceso|resultados?)|"
	    "se (?:menciona|especifica|indica) en)|"
	    "(?:el|los|la|las|este|estos) (?:contexto|documentos?|textos?|"
	    "pasajes?|fuentes?|informaci\xc3\xb3n|fragmentos?)(?: [\\w "
	    "]{0,40})? "
	    "no (?:contienen?|mencionan?|incluyen?|proporcionan?|especifican?|"
	    "indican?|dicen?|responden?)|"
	    "(?:esta|la|esa) pregunta no (?:se puede|puede)|"
	    "ninguna informaci\xc3\xb3n|informaci\xc3\xb3n insuficiente" },
	{ "French", SCRIPT_LATIN,
	    "(?:je suis )?(?:vraiment )?d\xc3\xa9sol\xc3\xa9" "e?|"
	    "malheureusement|h\xc3\xa9las|je regrette|excusez-moi|"
	    "(?:d'apr\xc3\xa8s|selon|dans|sur la base) [^.,]{0,80},|mais",
	    "je (?:ne |n')?(?:sais pas|(?:peux|pourrai|pouvais) pas (?:"
	    "r\xc3\xa9pondre|vous aider|aider|trouver|fournir|"
	    "d\xc3\xa9terminer|"
	    ""
	    "dire|donner)|trouve (?:pas|aucune?)|ai (?:pas (?:trouv\xc3\xa9|"
	    "pu|"
	    "acc\xc3\xa8s|d'information|assez|suffisamment|la r\xc3\xa9ponse|"
	    "cette information)|(?:trouv\xc3\xa9 )?aucune?)|dispose (?:pas|"
	    "d'aucune?)|suis pas en mesure|parviens pas|poss\xc3\xa8" "de "
	    "pas)|"
	    "nous (?:ne |n')(?:savons pas|pouvons pas (?:r\xc3\xa9pondre|vous "
	    "aider|trouver|fournir)|avons (?:pas (?:trouv\xc3\xa9|pu)|"
	    "trouv\xc3\xa9 aucune?)|disposons pas)|"
	    "je suis (?:dans l'incapacit\xc3\xa9|incapable) d|"
	    "aucune? (?:information|r\xc3\xa9ponse|r\xc3\xa9sultat)|"
	    "il n'y a (?:pas|aucune?) (?:assez |suffisamment )?(?:d'|de )?(?:"
	    "information|r\xc3\xa9ponse|donn\xc3\xa9" "e)|"
	    "(?:le|les|ce|ces|la) (?:contexte|documents?|textes?|passages?|"
	    "sources?|extraits?)(?: [\\w' ]{0,40})? ne (?:contien|mentionne|"
	    "pr\xc3\xa9" "cise|permet|donne|fourni|di[ts]|r\xc3\xa9pond|"
	    "comporte)\\w* pas|"
	    "cette question ne peut|l'information (?:demand\xc3\xa9" "e )?"
	    "n'est "
	    "pas" },
	{ "Portuguese", SCRIPT_LATIN,
	    "desculpe|desculpa|lamento|infelizmente|sinto muito|(?:de acordo "
	    "com|segundo|com base|no|nos|na|nas) [^.,]{0,80},|mas",
	    "(?:eu )?n\xc3\xa3o (?:sei\\b|(?:posso|podemos|consigo|consegui|"
	    "conseguimos) (?:responder|ajudar|ajud\xc3\xa1|fornecer|"
	    "determinar|"
	    "encontrar|dizer|localizar)|encontrei|encontramos|(?:tenho|temos|"
	    "h\xc3\xa1|disponho de) (?:a |essa |nenhuma |suficientes? )*(?:"
	    "acesso|informa\xc3\xa7|dados|resposta|conhecimento)|foi "
	    "poss\xc3\xadvel|foram encontrad|\xc3\xa9 poss\xc3\xadvel (?:"
	    "responder|determinar))|"
	    "nenhuma informa\xc3\xa7\xc3\xa3o|nenhum resultado|"
	    "informa\xc3\xa7\xc3\xb5" "es insuficientes|"
	    "(?:o|os|a|as|este|estes) (?:contexto|documentos?|textos?|"
	    "trechos?|passagens|fontes?|informa\xc3\xa7\xc3\xb5" "es)(?: "
	    "[\\w ]"
	    "{0,40})? n\xc3\xa3o (?:cont|mencion|inclu|fornec|especific|"
	    "inform|"
	    "diz|respond)|"
	    "(?:esta|essa|a) pergunta n\xc3\xa3o pode" },
	{ "German", SCRIPT_LATIN,
	    "(?:es )?tut mir (?:sehr )?leid|leider|entschuldigung|"
	    "entschuldigen sie|bedauerlicherweise|(?:laut|auf|in|nach) "
	    "[^.,]{0,80},|aber|dass",
	    "(?:das )?weiss ich (?:es |das |leider |auch )*nicht|"
	    "ich weiss (?:es |das |leider |darauf )*(?:nicht|keine antwort)|"
	    "(?:(?:ich|wir) (?:kann|k\xc3\xb6nnen|konnte|konnten)|(?:kann|"
	    "k\xc3\xb6nnen|konnte|konnten) (?:ich|wir)|diese frage kann ich) "
	    "[\\w ,]{0,60}?\\b(?:nicht|keine?n?)\\b[\\w ,]{0,60}?(?"
	    ":beantworten|"
	    ""
	    "helfen|finden|sagen|feststellen|beurteilen|geben|bereitstellen|"
	    "ermitteln|weiterhelfen)|"
	    "(?:(?:ich|wir) (?:habe|haben)|(?:habe|haben) (?:ich|wir)) "
	    "[\\w ]{0,30}?\\b(?:keine|nicht gen\xc3\xbcgend|nicht genug)\\b "
	    "(?:\\w+ )?(?:information|informationen|angaben|daten|antwort|"
	    "zugriff|kenntnis)|"
	    "(?:dazu|dar\xc3\xbc" "ber|hierzu|es) (?:gibt|liegen|finde|finden|"
	    "wurden?|sind|konnten?|habe|haben) [\\w ]{0,40}?\\bkeine (?:\\w+ "
	    ")?(?:"
	    "information|angaben|antwort|daten|ergebnisse)|"
	    "keine (?:passenden? |relevanten? |ausreichenden? )?(?"
	    ":information|"
	    "angaben|ergebnisse|antwort)\\w* (?:gefunden|vorhanden|"
	    "verf\xc3\xbcgbar|zu |\xc3\xbc" "ber |im |in )|"
	    "(?:der|die|das|den|diese|dieser|im|in den|in der) (?:\\w+ )?(?:"
	    "kontext|dokumente?n?|texte?n?|quellen?|ausz\xc3\xbcgen?|"
	    "passagen?|"
	    "unterlagen|abschnitte?n?)(?: [\\w ]{0,40})? (?:enth\xc3\xa4lt|"
	    "enthalten|erw\xc3\xa4hnt|erw\xc3\xa4hnen|nennt|nennen|gibt|geben|"
	    "beantwortet|beantworten|sagt|sagen|steht|stehen)[\\w ]{0,40} (?:"
	    "nicht|nichts|keine?n?)\\b|"
	    "diese frage (?:kann|l\xc3\xa4sst sich)[\\w ]{0,40} nicht" },
	{ "Italian", SCRIPT_LATIN,
	    "mi dispiace|spiacente|sono spiacente|purtroppo|mi scuso|scus\\w+|"
	    "(?:secondo|in base|nel|nei|nelle) [^.,]{0,80},|ma",
	    "(?:io )?non (?:lo so|so(?: rispondere| la risposta|[.! ]*$)|(?:"
	    "posso|possiamo|riesco a|sono in grado di|siamo in grado di|sono "
	    "riuscito a|sono riuscita a) (?:rispondere|aiutar|fornire|"
	    "determinare|trovare|dire)|(?:ho|abbiamo) (?:trovato|accesso|"
	    "(?:abbastanza |sufficienti |la |le )*(?:informazion|risposta|"
	    "dati))|dispongo|\xc3\xa8 possibile (?:rispondere|determinare)|ci "
	    "sono (?:abbastanza |sufficienti )?informazioni|(?:\xc3\xa8 stata|"
	    "sono state) trovat)|"
	    "nessuna informazione|informazioni insufficienti|"
	    "(?:il|i|la|le|questo|questi) (?:contesto|document[oi]|test[oi]|"
	    "fonti|passaggi|brani|informazioni)(?: [\\w ]{0,40})? non (?"
	    ":conten|"
	    ""
	    "contien|menzion|inclu|fornis|specific|indic|dic|rispond)" },
	{ "Russian", SCRIPT_CYRILLIC,
	    "извините|простите|к сожалению|сожалею|прошу прощения|мне (?"
	    ":очень "
	    ")?"
	    "жаль|(?:на основ|согласно|по данным|исходя)[^.,]{0,80},|но|что",
	    "(?:я |мы |мне |нам )?(?:пока |точно )?не (?:знаю|знаем|(?:могу|"
	    "можем|смог|"
	    "смогла|смогли|удалось|в состоянии|получилось) (?:\\w+ ){0,3}?(?:"
	    "ответить|помочь|найти|предоставить|определить|сказать|дать|"
	    "обнаружить)|наш[её]л|нашла|нашли|нашлось|располагаю|располагаем|"
	    "обладаю|имею (?:доступа|информации|данных))|"
	    "у (?:меня|нас) нет (?:\\w+ ){0,2}(?:информации|данных|доступа|"
	    "ответа|сведений)|"
	    "(?:нет|недостаточно) (?:\\w+ ){0,2}(?:информации|данных|сведений|"
	    "ответа)\\b|"
	    "(?:информация|ответ|данные|сведения)(?: \\w+){0,4} (?:не найден|"
	    "отсутству|недоступн)|"
	    "в (?:\\w+ ){0,3}(?:контексте|документах|документе|тексте|"
	    "источниках|отрывках|материалах)(?: \\w+){0,3} (?:нет|не (?:"
	    "содерж|упомина|указан|говорит|найден|сказано))|"
	    "(?:\\w+ ){0,2}(?:контекст|документы|текст|источники|отрывки|"
	    "материалы) не (?:содерж|упомина|указыва|да[её]т|дают)|"
	    "(?:на этот вопрос )?(?:невозможно|нельзя) ответить" },
	{ "Chinese", SCRIPT_HAN,
	    "(?:很|非常|十分|真的)?(?:抱歉|对不起|對不起|不好意思)|遗憾的是|遺憾的是|"
	    "(?:根据|根據|基于|基於)[^,。、]{0,40}[,、]|但是?|您好|你好",
	    "(?:我们|我們|我|系统|系統|目前|现在|現在)?(?:也|还|還|暂时|暫時|目前|"
	    "并|並|确实|確實)?(?:不知道|不清楚|不太清楚|(?:无法|無法|不能|没法|沒法)"
	    "(?:直接|准确|準確)?(?:回答|回复|回覆|提供|帮助|幫助|找到|确定|確定|判断|"
	    "判斷|给出|給出|协助|協助|得知|查到|为您|為您|满足)|没有?找到|沒有?找到|"
	    "找不到|未(?:能)?找到|查不到|回答不了|(?:没有|沒有)(?:足够|足夠|相关|相關|"
	    "关于|關於|这方面|這方面|任何|可用)[^,。]{0,20}(?:信息|资料|資訊|資料|内容|"
	    "內容|数据|訊息))|"
	    "[^,。]{0,12}(?:文档|文件|资料|資料|上下文|文中|文章|原文|文本|内容|段落|"
	    "信息)(?:中|里|裡)?(?:并|並|都)?(?:没有|沒有|未)(?:明确)?(?:提到|提及|"
	    "包含|说明|說明|给出|給出|涉及|提供|找到|相关|相關)|"
	    "(?:这个|這個|该|該|此|您的|你的)?(?:问题|問題)(?:无法|無法|不能|超出)|"
	    "(?:信息|资料|資訊|資料)不足" },
	{ "Japanese", SCRIPT_HAN | SCRIPT_KANA,
	    "(?:大変)?申し訳(?:ありません|ございません|ない)(?:です)?(?:が|けど)?|"
	    "すみません(?:が)?|すいません|ごめんなさい|残念ながら|恐れ入りますが",
	    "[^。.!?]{0,50}?(?:(?:わ|分)かり(?:ません|かねます)|存じません|(?:お答え|"
	    "回答)(?:することが|は)?(?:でき(?:ません|かねます)|いたしかねます)|"
	    "答え(?:られません|ることができません)|見つかりません|見つけ(?:られません|"
	    "ることができません)|情報(?:が|は)(?:ありません|含まれてい?ません|含まれて"
	    "おりません|不足してい|ございません)|記載(?:が|は)ありません|記載されて(?:"
	    "いません|おりません)|お手伝いできません|お役に立てません|提供できません|"
	    "判断できません|特定できません)" },
	{ "Arabic", SCRIPT_ARABIC,
	    "عذر[اًً]+|آسف|أنا آسف|نأسف|للأسف|معذرة|مع الأسف|أعتذر|"
	    "(?:بناء|وفق|حسب)[^،,.]{0,80}[،,]|لكن(?:ني)?",
	    "(?:أنا )?(?:لا (?:أعرف|أعلم|أدري|نعرف|نعلم|(?:أستطيع|يمكنني|"
	    "يمكننا|"
	    ""
	    "نستطيع) (?:الإجابة|الرد|المساعدة|مساعدتك|تقديم|العثور|تحديد|"
	    "إيجاد)|"
	    ""
	    "(?:أملك|أمتلك|توجد|يوجد|تتوفر|تتوافر|تتوفر لدي|أجد|نجد) (?:أي |"
	    "لدي |لدينا |هناك )*(?:معلومات|إجابة|بيانات|معلومة|المعلومات|"
	    "الإجابة)|يمكن الإجابة)|لم (?:أجد|أتمكن|أعثر|نجد|نتمكن|نعثر|"
	    "يتم العثور|أستطع)|ليس(?:ت)? لدي(?:نا)? (?:أي )?(?:معلومات|"
	    "إجابة|علم|فكرة|المعلومات|بيانات)|غير قادر على (?:الإجابة|"
	    "المساعدة)|(?:ي)?تعذر (?:العثور|الإجابة|علي))|"
	    "(?:النص|السياق|الوثائق|المستندات|المصادر|المقاطع)(?: [^ ]+){0,3} "
	    "لا (?:يذكر|تذكر|يحتوي|تحتوي|يتضمن|تتضمن|يوفر|توفر|يجيب)|"
	    "لا (?:يذكر|تذكر|يحتوي|تحتوي|يتضمن|تتضمن) (?:النص|السياق|"
	    "الوثائق|المستندات|المصادر)" },
	{ "Urdu", SCRIPT_ARABIC,
	    "معذرت|معاف (?:کیجیے|کیجئے|کریں)|مجھے افسوس ہے(?: کہ)?|افسوس(?: "
	    "کہ)?|بدقسمتی سے|فراہم کردہ [^،۔]{0,60}(?:کے مطابق|میں)|لیکن",
	    "(?:مجھے|ہمیں) [^۔]{0,60}?(?:نہیں (?:معلوم|پتہ|پتا|ملا|ملی|مل)|"
	    "معلوم نہیں|پتہ نہیں|پتا نہیں|علم نہیں|معلومات نہیں)|"
	    "(?:میں|ہم) [^۔]{0,60}?(?:نہیں جانت|جواب نہیں دے|مدد نہیں کر|نہیں "
	    "(?:بتا|دے|کر|ڈھونڈ) سکت|قاصر ہ)|"
	    "[^۔]{0,60}?(?:معلومات|جواب) (?:نہیں (?:ہے|ہیں|ملا|ملی|ملیں|دی "
	    "گئ)|دستیاب نہیں|موجود نہیں)|(?:معلوم|پتہ|پتا) نہیں" },
	{ "Hindi", SCRIPT_DEVANAGARI,
	    "क्षमा (?:करें|कीजिए)|माफ\xe0\xa4\xbc? (?:करें|कीजिए|कीजिएगा)|"
	    "मुझे "
	    "(?:खेद|अफसोस) है(?: कि)?|खेद है(?: कि)?|दुर्भाग्य ?से|दिए गए "
	    "[^,।]{0,60}(?:के अनुसार|में)|लेकिन|कि",
	    "(?:मुझे|हमें) [^।]{0,60}?(?:नहीं (?:पता|मालूम|मिल)|पता नहीं|"
	    "मालूम नहीं|जानकारी नहीं)|"
	    "(?:मैं|हम) [^।]{0,60}?(?:नहीं जानत|(?:उत्तर|जवाब) नहीं दे|(?:मदद|"
	    "सहायता) नहीं कर|नहीं (?:बता|दे|ढूंढ|खोज|कर) (?:सकत|पा)|असमर्थ)|"
	    "[^।]{0,60}?(?:जानकारी|उत्तर|जवाब|सूचना) (?:नहीं (?:है|हैं|मिल|"
	    "दी गई|दिया गया)|उपलब्ध नहीं|मौजूद नहीं)|(?:पता|मालूम) नहीं" },
	{ "Bengali", SCRIPT_BENGALI,
	    "(?:আমি )?(?:খুবই |অত্যন্ত )?দুঃখিত|ক্ষমা করবেন|মাফ করবেন|"
	    "দুর্ভাগ্যবশত|কিন্তু|তবে|প্রদত্ত [^,।]{0,60}(?:অনুযায়ী|মতে)|যে",
	    "(?:আমি|আমরা) [^।]{0,60}?(?:জানি ?না|(?:বলতে|দিতে|করতে) (?:পারছি|"
	    "পারব|পারবো|পারি) না|অক্ষম|খুঁজে (?:পাইনি|পাচ্ছি না)|পাইনি)|"
	    "আমার [^।]{0,60}?(?:জানা নেই|(?:তথ্য|উত্তর) নেই)|"
	    "[^।]{0,60}?(?:তথ্য|উত্তর) (?:(?:খুঁজে )?পাওয়া যায়নি|নেই|উপলব্ধ "
	    "ন)|জানি না|জানা নেই" },
};

#endif
