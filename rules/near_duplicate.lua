-- SPDX-License-Identifier: Apache-2.0
-- What looks alike is said by embeddings; how alike is too much depends on the model that made
-- them, so try a bound on recorded pages (`lineup diff`) before it is live.
return rule {
  name = "near_duplicate",
  about = "Shows no two items close to each other that look alike.",
  parameters = {
    embedding  = column { default = "embedding", about = "The column that says how items look." },
    window     = integer { optional = true, min = 2,
                           about = "Slots looked at; without it, the whole page." },
    max_cosine = number { default = 0.9, min = -1, max = 1,
                          about = "Items whose embeddings have a larger cosine look alike." },
    where      = condition { optional = true, about = "Only items that match are compared." },
    history    = integer { default = 0, min = 0,
                           about = "So many items that the user saw before count too." },
  },
  constraints = function(p)
    return similar { embedding = p.embedding, size = p.window, max_cosine = p.max_cosine,
                     where = p.where, history = p.history }
  end,
}
