/* By which words an answer counts as declined: the ten most used languages
 * and three more; and what only looks like it. */
#include "tests/lib/check.h"

#include "harness/traffic/extract.h"

static const char *const declined[] = {
	"I don't know.", "I DON\xe2\x80\x99T  know", ("Sorry, I can't help "
	"with that."), "There is no information about this in the sources.",
	"I could not find this in the handbook.",
	"The provided context does not mention it.",
	"I'm sorry, but I cannot answer that question.",
	"Unfortunately, I was unable to find an answer.",
	"Based on the provided documents, I cannot determine the answer.",
	"As an AI language model, I can't provide legal advice.",
	"I do not have enough information to answer this.",
	"We couldn't find anything on that.",
	"I apologize, but I don't have access to that information.",
	"The passages do not contain this information.",
	"No relevant information was found.", "Not enough information.",
	"This question cannot be answered from the context.",
	"The requested information is not available.",
	"It is not mentioned in the text.", "Unable to answer.",
	"Hello! I'm afraid I can't help with that request.",
	"I'm not able to answer that.", "I found nothing about it.",
	"None of the retrieved documents mention a fee.",
	"\xe2\x80\x9cI do not know\xe2\x80\x9d",
	"I have insufficient information to answer.",
	"Hmm, I'm not sure.",
	"i dont know",
	"It's unclear from the documents provided.",
	"That's not something I can answer based on these documents.",
	"I don't think the documents cover that.",
	"The provided text provides no information on this.",
	"The documents I have access to do not cover this.",
	"This information isn't available in the documents.",
	"There is nothing in the documents about this.",
	"Answer not found in context.",
	"I can't seem to find that.",
	/* Spanish */
	"Lo siento, no puedo responder a esa pregunta.", "No lo sé.",
	"No tengo información sobre eso.",
	"No encontré información en los documentos.",
	"El contexto proporcionado no menciona esto.",
	"Desconozco la respuesta.",
	"No estoy seguro.",
	"No es posible responder con la información dada.",
	"La información solicitada no está disponible.",
	"En el contexto no se menciona el plazo.",
	/* French */
	"Je ne sais pas.", "Désolé, je ne peux pas répondre à cette question.",
	"Je n’ai pas trouvé d’information à ce sujet.",
	"Aucune information n'est disponible.",
	"Les documents fournis ne mentionnent pas ce point.",
	"Ce n'est pas mentionné dans les documents.",
	"Je l'ignore.",
	"Je ne suis pas sûr.",
	"Impossible de répondre à partir du contexte fourni.",
	"Les informations fournies ne permettent pas de répondre.",
	/* Portuguese */
	"Não sei.", "Desculpe, não posso responder a essa pergunta.",
	"Infelizmente, não encontrei essa informação.",
	"Não tenho informações suficientes.",
	"O contexto não contém essa informação.",
	"Isso não é mencionado nos documentos.",
	"Infelizmente, não disponho dessa informação.",
	"Não tenho certeza.",
	"Não consta nos documentos.",
	/* German */
	"Ich wei\xc3\x9f es nicht.", "Das weiß ich leider nicht.",
	"Leider kann ich diese Frage nicht beantworten.",
	"Ich konnte dazu keine Informationen finden.",
	"Dazu liegen mir keine Informationen vor.",
	"Die Dokumente enthalten dazu keine Angaben.",
	"Es tut mir leid, das kann ich nicht beantworten.",
	"Leider konnte ich nichts finden.",
	"Das steht nicht in den Dokumenten.",
	"Das ist in den Unterlagen nicht angegeben.",
	/* Italian */
	"Non lo so.", "Mi dispiace, non posso rispondere a questa domanda.",
	"Non ho trovato informazioni in merito.",
	"I documenti non contengono questa informazione.",
	"Il testo non lo menziona.",
	"Non sono sicuro.",
	/* Russian */
	"Я не знаю.", "Извините, я не могу ответить на этот вопрос.",
	"К сожалению, мне не удалось найти ответ.",
	"У меня нет информации об этом.",
	"В предоставленных документах нет ответа.",
	"У меня недостаточно информации.",
	"Мне это неизвестно.",
	"Я не уверен.",
	"Информации об этом нет.",
	"Затрудняюсь ответить.",
	/* Chinese, simplified and traditional */
	"我不知道。", "抱歉，我无法回答这个问题。",
	"对不起，没有找到相关信息。", "很抱歉，我無法回答這個問題。",
	"根据提供的资料，无法确定答案。", "文档中没有提到这一点。",
	"无法从给定的文本中得出答案。",
	"暂无相关信息。",
	"我不確定。",
	"没有提供相关信息。",
	"这个问题的答案在提供的文档中找不到。",
	/* Japanese */
	"わかりません。", "申し訳ありませんが、お答えできません。",
	"その情報は見つかりませんでした。", "文書には記載がありません。",
	"文書にはその情報が含まれていません。",
	"不明です。",
	/* Hindi */
	"मुझे नहीं पता।", "क्षमा करें, मैं इस प्रश्न का उत्तर नहीं दे सकता।",
	"माफ़ करें, मुझे इसके बारे में कोई जानकारी नहीं मिली।",
	"दिए गए दस्तावेज़ों में यह जानकारी उपलब्ध नहीं है।",
	"इस प्रश्न का उत्तर दस्तावेज़ में उपलब्ध नहीं है।",
	"मैं इस बारे में निश्चित नहीं हूँ।",
	"दस्तावेज़ में इसका उल्लेख नहीं है।",
	/* Arabic */
	"لا أعرف.", "عذراً، لا أستطيع الإجابة على هذا السؤال.",
	"للأسف، لم أجد معلومات حول ذلك.", "ليس لدي معلومات كافية.",
	"لا توجد معلومات عن هذا في المستندات.",
	"لم يتم ذكر ذلك في النص.",
	"لا يوجد في السياق ما يجيب على السؤال.",
	"لست متأكداً.",
	"للأسف، لا أملك هذه المعلومة.",
	"المعلومات غير متوفرة.",
	/* Bengali */
	"আমি জানি না।", "দুঃখিত, আমি এই প্রশ্নের উত্তর দিতে পারছি না।",
	"আমার কাছে এ বিষয়ে কোনো তথ্য নেই।", "কোনো তথ্য পাওয়া যায়নি।",
	"প্রদত্ত তথ্যে এর উল্লেখ নেই।",
	"আমি নিশ্চিত নই।",
	"এই প্রশ্নের উত্তর দেওয়া সম্ভব নয়।",
	"নথিগুলিতে এই বিষয়ে কিছু বলা নেই।",
	/* Urdu */
	"مجھے نہیں معلوم۔", "معذرت، میں اس سوال کا جواب نہیں دے سکتا۔",
	"اس بارے میں کوئی معلومات دستیاب نہیں ہیں۔",
	"دستاویز میں اس کا ذکر نہیں ہے۔",
	"مجھے یقین نہیں ہے۔",
	"میں اس بارے میں کچھ نہیں کہہ سکتا۔",
};

static const char *const answered[] = {
	"", "You have 90 days.", "Iris found no trace of it: 4.",
	"The refund is paid within 14 days. If the customer says \"I "
	"don't know where my parcel is\", the agent opens a claim "
	"with the carrier and I don't know is not an answer.",
	"Outsiders may enter; scope creep is common.",
	"He was unable to answer the charges",
	"He was unable to answer the charges.",
	"unable to pay taxes", "They could not find the ship.",
	"The court could not determine the cause.",
	"Scientists do not know why.", "The king did not know of it.",
	"In 1950 there was no king.", "No", "No.", "None", "unknown",
	"not guilty", "nothing", "Nothing but the truth.",
	"Information is stored for 30 days.",
	"The document does not need a signature.",
	"The answer is not 5 but 6.",
	"The warranty does not cover water damage.",
	"Refunds are not available after 90 days.",
	"Knowledge that cannot be found in books",
	"Because the passage does not open before May.",
	"Out of the blue", "Beyond the Sea", "the scope of the law",
	"No sé lo diré a nadie más que a Pedro, dijo.",
	"Der Vertrag enthält keine Frist.", "Je sais.", "Non",
	"No hay plazo.", "Keine.", "Il n'y a pas de frais.",
	"不需要。", "退款期限为14天。", "返金は14日以内です。",
	"Возврат не позднее 14 дней.", "Нет.", "14 दिन के भीतर।",
	"نعم، خلال 14 يوما.", "১৪ দিনের মধ্যে।", "۱۴ دن کے اندر۔",
	"لا.", "না।", "नहीं।",
	"There is no information desk; go to room 3.",
	"The information is not available to contractors; see page 3.",
	"There is nothing in the box.",
	"The context menu has no delete button.",
	"The document has no reference number.",
	"I am not sure-footed on ice, the author writes.",
	"We are not sure what it means, but the limit is 27 days.",
	"La información no está disponible para los contratistas.",
	"No está permitido fumar.",
	"Das ist im Preis nicht enthalten.",
	"Impossible n'est pas français.",
	"没有提供早餐。",
	"他无法回答法官的问题。",
	"Информация хранится 30 дней.",
	"Подсудимый не смог ответить на обвинения.",
	"لا يوجد حد.",
	"কোনো সীমা নেই।",
	"कोई सीमा नहीं है।",
	"کوئی حد نہیں ہے۔",
};

static void
test_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(declined) / sizeof(declined[0]); i++) {
		if (!extract_is_refusal(declined[i], strlen(declined[i])))
			print_error("no refusal: %s\n", declined[i]);
	}
	for (i = 0; i < sizeof(declined) / sizeof(declined[0]); i++)
		assert_true(extract_is_refusal(declined[i],
		    strlen(declined[i])));
	for (i = 0; i < sizeof(answered) / sizeof(answered[0]); i++) {
		if (extract_is_refusal(answered[i], strlen(answered[i])))
			print_error("a refusal: %s\n", answered[i]);
	}
	for (i = 0; i < sizeof(answered) / sizeof(answered[0]); i++)
		assert_false(extract_is_refusal(answered[i],
		    strlen(answered[i])));
	assert_false(extract_is_refusal(NULL, 0));
	assert_false(extract_is_refusal("\xff\xfe", 2));
}

/* A long text answers something, whatever it begins with. */
static void
test_long(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_puts(&b, "I don't know who did it. ");
	assert_true(extract_is_refusal(b.p, b.len));
	while (b.len < 900)
		buf_puts(&b, "The report names seven people. ");
	assert_false(extract_is_refusal(b.p, b.len));
	buf_reset(&b);
	while (b.len < 2000)
		buf_puts(&b, "我不知道");
	assert_true(extract_is_refusal(b.p, b.len));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
