local all = {}
for i = 1, 1e12 do
  all[i] = i
end
