-- SPDX-License-Identifier: Apache-2.0
-- One author, shop or campaign may not own the page, nor its top. What the user saw just before
-- counts when `history` says so.
return rule {
  name = "exposure_cap",
  about = "Lets no author, shop or campaign take more than its part of the page.",
  parameters = {
    by       = columns { default = "author", about = "Whose exposure is capped." },
    where    = condition { optional = true, about = "Only items that match count." },
    max      = amount { default = "25%", about = "Most slots of one, or a share of the page." },
    head     = integer { default = 0, min = 0, about = "The first so many slots have a cap of their own." },
    head_max = integer { default = 1, min = 0, about = "Most slots of one in the head." },
    history  = integer { default = 0, min = 0,
                         about = "So many items that the user saw before count too." },
  },
  constraints = function(p)
    return {
      cap { by = p.by, where = p.where, max = p.max, history = p.history },
      when(p.head > 0, cap { by = p.by, where = p.where, max = p.head_max, slots = first(p.head) }),
    }
  end,
}
