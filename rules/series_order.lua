-- SPDX-License-Identifier: Apache-2.0
-- Which episodes are shown is decided by their scores; in which order, by their numbers.
return rule {
  name = "series_order",
  about = "Shows episodes of one series in their order.",
  parameters = {
    by        = columns { default = "episode",
                          about = "What orders them; with several, the first decides first." },
    within    = columns { default = "series", about = "Items that agree here are one series." },
    ascending = boolean { default = true, about = "Whether small numbers come first." },
    where     = condition { optional = true, about = "Only items that match are ordered." },
    history   = integer { default = 0, min = 0,
                          about = "So many items that the user saw before count too." },
  },
  constraints = function(p)
    return order { by = p.by, within = p.within, ascending = p.ascending, where = p.where,
                   history = p.history }
  end,
}
