-- SPDX-License-Identifier: Apache-2.0
-- The history of a request is what the user saw before this page, oldest first.
return rule {
  name = "no_repeat_from_last_page",
  about = "Shows nothing again that the user saw just before.",
  parameters = {
    by   = columns { default = "id", about = "What makes an item the same; by default its id." },
    last = integer { default = 20, min = 1, max = 1000,
                     about = "So many items that were seen last count." },
    max  = integer { default = 1, min = 1,
                     about = "How often one may be seen, there and on this page together." },
  },
  constraints = function(p)
    return cap { by = p.by, max = p.max, history = p.last }
  end,
}
