-- SPDX-License-Identifier: Apache-2.0
-- An item that is not among the candidates is not pinned, and nothing is relaxed for it.
return rule {
  name = "pin",
  about = "Puts certain items on certain slots.",
  parameters = {
    id    = id { optional = true, about = "The item, by its id." },
    where = condition { optional = true,
                        about = "Or the items, by a condition: the best one gets the first slot." },
    slot  = slots { optional = true, about = "The slot." },
    slots = slots { optional = true,
                    about = "Or the slots, in the order in which they are given." },
    mode  = choice { "exactly", "at_or_above", "only_within", "never_in", "last",
                     default = "exactly",
                     about = "On it; on it or above; only there; never there; after all others." },
  },
  constraints = function(p)
    if (p.id == nil) == (p.where == nil) then
      refuse("a pin takes either `id` or `where`", "where")
    end
    if p.slot ~= nil and p.slots ~= nil then
      refuse("a pin takes either `slot` or `slots`", "slots")
    end
    local places = p.slots or p.slot
    if p.mode == "last" and places ~= nil then
      refuse("mode `last` takes no slot: it means after all other items", "mode")
    end
    if p.mode ~= "last" and places == nil then
      refuse("a pin needs a `slot`", "mode")
    end
    return place { id = p.id, where = p.where, slots = places, mode = p.mode }
  end,
}
