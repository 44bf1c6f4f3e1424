-- SPDX-License-Identifier: Apache-2.0
-- Which items explore is said by the ranking service, in a column; this rule gives them a place
-- where they can be seen without costing the head of the page.
return rule {
  name = "exploration_slot",
  about = "Keeps certain slots for items that are tried out, and keeps these to their slots.",
  parameters = {
    where = condition { default = "is_exploration", about = "Items that are tried out." },
    slots = slots { about = "Their slots: the best of them gets the first." },
    only  = boolean { default = true, about = "Whether they may stand nowhere else." },
  },
  constraints = function(p)
    return {
      place { where = p.where, slots = p.slots, mode = "exactly" },
      when(p.only, place { where = p.where, slots = p.slots, mode = "only_within" }),
    }
  end,
}
