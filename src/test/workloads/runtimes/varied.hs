module Main where
import qualified Data.Map.Strict as M
import Data.Char (toUpper)
import Data.List (foldl', sort)
import System.IO

facts :: Int -> Integer
facts n = product [1 .. fromIntegral n]

wordsOf :: Int -> M.Map String Int
wordsOf n = foldl' (\m k -> M.insertWith (+) (map toUpper (show (k * 7919 `mod` 1009))) 1 m) M.empty [1 .. n]

roots :: Int -> Double
roots n = foldl' (\a k -> a + sqrt (fromIntegral k) * sin (fromIntegral k)) 0 [1 .. n]

loop :: Handle -> Int -> IO ()
loop out i = do
  hPutStrLn out (show (facts (600 + i `mod` 50) `mod` 1000007))
  hPutStrLn out (show (M.size (wordsOf 3000)) ++ show (roots 20000))
  hPutStrLn out (show (sum (take 10 (sort [ (k * 7919) `mod` 10007 | k <- [1 .. 5000 :: Int] ]))))
  hFlush out
  loop out (i + 1)

main :: IO ()
main = do
  putStrLn "ready"
  hFlush stdout
  out <- openFile "/dev/null" WriteMode
  loop out 0
