-- SPDX-License-Identifier: Apache-2.0
-- Age is a column: it is the ranking service that says how old an item is. An item that does not
-- say is not young, and not too old either.
return rule {
  name = "freshness_floor",
  about = "Keeps the page fresh: enough young items, and nothing old near the top.",
  parameters = {
    age      = column { default = "age_hours", about = "The column that says how old an item is." },
    young    = number { default = 24, min = 0, about = "An item up to this age is young." },
    min      = amount { default = 2, about = "Fewest young items, or a share such as '30%'." },
    slots    = slots { optional = true,
                       about = "The slots that are looked at; without it, the whole page." },
    head     = integer { default = 0, min = 0,
                         about = "The first so many slots hold nothing older than `head_age`." },
    head_age = number { optional = true, min = 0, about = "The oldest that the head may hold." },
  },
  constraints = function(p)
    if (p.head > 0) ~= (p.head_age ~= nil) then
      refuse("`head` and `head_age` go together", "head")
    end
    local floor = quota { where = p.age .. " <= " .. p.young, min = p.min, slots = p.slots }
    if p.head == 0 then return floor end
    local old = p.age .. " > " .. p.head_age
    return { floor, place { where = old, slots = first(p.head), mode = "never_in" } }
  end,
}
