-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "cold_start_quota",
  about = "Gives matching items, such as new ones, a share of the page.",
  parameters = {
    where = condition { about = "Which items count." },
    min   = amount { optional = true, about = "Fewest matching items, or a share such as '10%'." },
    max   = amount { optional = true, about = "Most matching items, or a share such as '30%'." },
    slots = slots { optional = true,
                    about = "The slots that are looked at; without it, the whole page." },
  },
  constraints = function(p)
    return quota { where = p.where, min = p.min, max = p.max, slots = p.slots }
  end,
}
