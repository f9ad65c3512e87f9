class Nothing < ActiveRecord::Migration[7.1]
end
