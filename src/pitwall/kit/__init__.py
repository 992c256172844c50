"""Small tools that know nothing of the product: clock, ids, hashing, paging, money, text, i18n."""
