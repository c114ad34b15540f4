"""Filings of six fictional firms, whose truth is known: 42 documents drawn from a seed, and questions about them.

    from companion.reasoning.filings.corpus import make_corpus
    from companion.reasoning.filings.questions import make_questions

    corpus = make_corpus(seed=1)
    print(corpus.documents[0].text)
    for question in make_questions(corpus):
        print(question.text, question.answer or question.reason)

A firm has a 10-K for 2024 and, for each of three quarters of 2025, a 10-Q and a press release. As in real filings the
body says "the Company"; firm, form and period stand on the cover. Tables count in thousands at some firms and in
millions at others, and head their columns with a period or with its last day. Every figure stands in a sentence and in
a table. Two quarters are restated in the 10-Q that follows, three press releases differ from their 10-Q, and six
figures are missing.

Firms, people, towns and products are invented. `market` has daily prices, news and fundamentals of the same firms.
"""
