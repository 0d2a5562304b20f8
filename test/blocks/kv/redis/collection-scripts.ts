/** As {@link scripts} of scripts.ts: hashes, sets and sorted sets. */
export const collectionScripts: Readonly<Record<string, string>> = {
  hashes: `
    HSET h a 1 b 2
    HSET h a 3 c ""
    HSET h a
    HSET h a 1 b
    HMSET h d 4 "" 5
    HMSET h d 4 e
    HSETNX h a 9
    HSETNX h z 9
    HSETNX new a 1
    HGET h a
    HGET h ""
    HGET h none
    HGET none a
    HMGET h a none c
    HMGET none a b
    HGETALL h
    HGETALL none
    HKEYS h
    HVALS h
    HLEN h
    HEXISTS h a
    HEXISTS h none
    HSTRLEN h a
    HSTRLEN h c
    HSTRLEN h none
    HSTRLEN none a
    HDEL h a a none
    HDEL none a
    HINCRBY h n 5
    HINCRBY h n -7
    HINCRBY h n x
    HINCRBY h n 1.5
    HINCRBY h c 1
    HSET h big 9223372036854775807 small -9223372036854775808 text x padded 01
    HINCRBY h big 1
    HINCRBY h small -1
    HINCRBY h text 1
    HINCRBY h padded 1
    HINCRBYFLOAT h f 10.5
    HINCRBYFLOAT h f 0.1
    HINCRBYFLOAT h f -5e3
    HINCRBYFLOAT h f inf
    HINCRBYFLOAT h f nan
    HINCRBYFLOAT h f x
    HINCRBYFLOAT h text 1
    HINCRBYFLOAT h c 1
    HINCRBYFLOAT h big 1
    HSCAN h 0
    HSCAN h 0 MATCH b* COUNT 5
    HSCAN h x
    HSCAN h 0 COUNT 0
    HSCAN h 0 COUNT x
    HSCAN h 0 MATCH
    HSCAN h 0 FOO 1
    HSCAN none 0 FOO 1
    HRANDFIELD h 0
    HRANDFIELD h 100
    HRANDFIELD h 100 WITHVALUES
    HRANDFIELD h 1 FOO
    HRANDFIELD h x FOO
    HRANDFIELD h 1 WITHVALUES 1
    HRANDFIELD h -9223372036854775808
    HRANDFIELD h 4611686018427387904 WITHVALUES
    HRANDFIELD none
    HRANDFIELD none -5
    HDEL new a
    EXISTS new`,
  sets: `
    SADD s a b c a ""
    SADD s a
    SREM s a a none
    SREM none a
    SISMEMBER s b
    SISMEMBER s a
    SISMEMBER none a
    SMISMEMBER s a b ""
    SMISMEMBER none a b
    SCARD s
    SCARD none
    SMEMBERS s
    SMEMBERS none
    SMOVE s t b
    SMOVE s t b
    SMOVE s s c
    SMOVE s s none
    SMOVE none t a
    SADD t c
    SMOVE s t c
    SMEMBERS t
    SPOP t 0
    SPOP t -1
    SPOP t x
    SPOP t 1 2
    SPOP t 99
    SPOP t
    SPOP t 5
    EXISTS t
    SADD s 1 2 3
    SRANDMEMBER s 0
    SRANDMEMBER s 99
    SRANDMEMBER s x
    SRANDMEMBER s 1 2
    SRANDMEMBER s -9223372036854775808
    SRANDMEMBER none
    SRANDMEMBER none -4
    SSCAN s 0
    SSCAN s 0 MATCH [12] COUNT 100
    SSCAN s 0 COUNT -1
    SSCAN s 0 COUNT
    SSCAN none 0 FOO`,
  'several sets': `
    SADD a 1 2 3 4 5
    SADD b 2 3 4
    SADD c 3 4 9
    SINTER a b c
    SINTER a none
    SINTER a
    SUNION a b c none
    SDIFF a b c
    SDIFF a a
    SDIFF none a
    SINTERSTORE d a b
    SMEMBERS d
    SUNIONSTORE a a c
    SMEMBERS a
    SDIFFSTORE d b a
    EXISTS d
    SINTERSTORE none a none2
    SINTERCARD 2 a b
    SINTERCARD 2 a b LIMIT 2
    SINTERCARD 2 a b LIMIT 0
    SINTERCARD 2 a b LIMIT -1
    SINTERCARD 2 a b LIMIT x
    SINTERCARD 2 a b LIMIT
    SINTERCARD 2 a b FOO 1
    SINTERCARD 0 a b
    SINTERCARD x a b
    SINTERCARD 3 a b
    SET str x
    SINTER none str
    SINTER str none
    SUNION a str
    SDIFF none str
    SINTERSTORE str a b
    TYPE str
    SET str x
    SUNIONSTORE d a str
    SDIFFSTORE str none
    EXISTS str`,
  'scores of members': `
    ZADD z 1 a 2 b 2 c
    ZADD z 5 a
    ZADD z CH 6 a 2 b 1 d
    ZADD z NX 9 a 9 e
    ZADD z XX 7 a 7 none
    ZADD z XX CH GT 6 a 8 b
    ZADD z LT CH 6 a 8 b
    ZADD z INCR 1.5 a
    ZADD z NX INCR 1 a
    ZADD z XX INCR 1 none
    ZADD z GT INCR -1 a
    ZADD z INCR 1 a 2 b
    ZADD z NX XX 1 a
    ZADD z NX GT 1 a
    ZADD z GT LT 1 a
    ZADD z 1 a 2
    ZADD z x a
    ZADD z nan a
    ZADD z 1 new x other
    ZSCORE z new
    ZADD none XX 1 a
    ZADD none XX INCR 1 a
    ZADD z inf top -inf bottom 1e400 over
    ZADD z inf top -inf bottom 0x10 hex .5 half 1e17 large
    ZINCRBY z -inf top
    ZINCRBY z 1 top
    ZINCRBY z 2.25 b
    ZINCRBY z x b
    ZINCRBY fresh 3 a
    ZSCORE z a
    ZSCORE z none
    ZSCORE none a
    ZMSCORE z a none top bottom
    ZMSCORE none a
    ZCARD z
    ZRANK z bottom
    ZRANK z b
    ZREVRANK z b
    ZRANK z none
    ZRANK none a
    ZREM z a a none
    ZREM none a
    ZSCAN z 0
    ZSCAN z 0 MATCH t* COUNT 9
    ZSCAN z 0 COUNT 0
    ZSCAN none 0 FOO
    ZRANDMEMBER z 0
    ZRANDMEMBER z 99
    ZRANDMEMBER z 99 WITHSCORES
    ZRANDMEMBER z x FOO
    ZRANDMEMBER z 1 FOO
    ZRANDMEMBER z -9223372036854775808
    ZRANDMEMBER z 4611686018427387904 WITHSCORES
    ZRANDMEMBER none
    ZRANDMEMBER none 2
    ZREM fresh a
    EXISTS fresh`,
  'ranges of sorted sets': `
    ZADD z -inf lo 1 a 2 b 2 c 3 d inf hi
    ZRANGE z 0 -1 WITHSCORES
    ZRANGE z -2 99
    ZRANGE z 3 1
    ZRANGE z 0 1 REV WITHSCORES
    ZRANGE z 0 1 REV REV
    ZRANGE z x 1
    ZRANGE z 0 1 LIMIT 0 1
    ZRANGE z 0 1 LIMIT 0 -1
    ZRANGE z 0 1 LIMIT 0
    ZRANGE z (1 3 BYSCORE
    ZRANGE z (1 (3 BYSCORE WITHSCORES
    ZRANGE z 3 (1 BYSCORE REV
    ZRANGE z 1 3 BYSCORE REV
    ZRANGE z -inf +inf BYSCORE LIMIT 1 2
    ZRANGE z +inf -inf BYSCORE REV LIMIT 1 2
    ZRANGE z -inf inf BYSCORE LIMIT -1 2
    ZRANGE z -inf inf BYSCORE LIMIT 4 -5
    ZRANGE z -inf inf BYSCORE LIMIT x 1
    ZRANGE z a b BYSCORE
    ZRANGE z "" 1e400 BYSCORE
    ZRANGE z 1 2 BYSCORE BYLEX
    ZRANGE z - + BYLEX WITHSCORES
    ZREVRANGE z 0 1 WITHSCORES
    ZREVRANGE z 0 1 REV
    ZRANGEBYSCORE z (inf +inf
    ZRANGEBYSCORE z -inf (-inf
    ZRANGEBYSCORE z 2 2 WITHSCORES LIMIT 1 5
    ZREVRANGEBYSCORE z 3 2 WITHSCORES
    ZREVRANGEBYSCORE z 2 3
    ZCOUNT z -inf inf
    ZCOUNT z (2 inf
    ZCOUNT z 3 1
    ZCOUNT z x 1
    ZCOUNT none 0 1
    ZRANGESTORE d z 0 1
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d z 2 3 BYSCORE LIMIT 1 1
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d z 2 3 WITHSCORES
    ZRANGESTORE d none 0 1
    EXISTS d
    ZREMRANGEBYRANK z 0 0
    ZREMRANGEBYRANK z 5 2
    ZREMRANGEBYSCORE z (1 2
    ZREMRANGEBYSCORE z x 2
    ZRANGE z 0 -1 WITHSCORES
    ZREMRANGEBYSCORE z -inf inf
    EXISTS z`,
  'ranges by name': `
    ZADD z 0 a 0 b 0 c 0 d 0 e 0 ""
    ZRANGEBYLEX z - +
    ZRANGEBYLEX z [b (d
    ZRANGEBYLEX z (b [d
    ZRANGEBYLEX z [ (c
    ZRANGEBYLEX z ( +
    ZRANGEBYLEX z + -
    ZRANGEBYLEX z [d [b
    ZRANGEBYLEX z b d
    ZRANGEBYLEX z [b x
    ZRANGEBYLEX z - + LIMIT 1 2
    ZRANGEBYLEX z - + LIMIT 1 -1
    ZRANGEBYLEX z - + LIMIT -1 2
    ZRANGEBYLEX z - + WITHSCORES
    ZREVRANGEBYLEX z + - LIMIT 0 2
    ZREVRANGEBYLEX z [d (b
    ZRANGE z [d (a BYLEX REV
    ZRANGE z (a [c BYLEX LIMIT 1 9
    ZLEXCOUNT z - +
    ZLEXCOUNT z [b [d
    ZLEXCOUNT z (z +
    ZLEXCOUNT z b d
    ZLEXCOUNT none - +
    ZRANGESTORE d z [b [c BYLEX
    ZRANGE d 0 -1
    ZREMRANGEBYLEX z [b (d
    ZREMRANGEBYLEX z b d
    ZRANGE z 0 -1
    ZREMRANGEBYLEX z - +
    EXISTS z`,
  'taken from an end': `
    ZADD z 1 a 2 b 3 c 4 d 5 e 6 f
    ZPOPMIN z
    ZPOPMAX z
    ZPOPMIN z 2
    ZPOPMIN z 0
    ZPOPMIN z -1
    ZPOPMIN z x
    ZPOPMIN z 1 2
    ZPOPMAX none
    ZPOPMAX none 2
    ZMPOP 2 none z MIN
    ZMPOP 1 none MIN
    ZADD z 7 g 8 h
    ZMPOP 1 z MAX COUNT 2
    ZMPOP 1 z MAX COUNT 0
    ZMPOP 1 z MAX COUNT x COUNT 1
    ZMPOP 1 z MAX COUNT 1 COUNT 1
    ZMPOP 1 z middle
    ZMPOP 0 z MIN
    ZMPOP x z MIN
    ZMPOP 2 z MIN
    ZMPOP 9 z MIN
    BZPOPMIN none z 1
    BZPOPMAX z -1
    BZPOPMAX z x
    ZADD z 1 a 2 b
    BZPOPMAX z 1
    BZMPOP 1 1 z MIN COUNT 9
    BZMPOP x 0 z MIN
    BZMPOP x 1 z MIN
    BZMPOP -1 1 z MIN
    EXISTS z`,
  'several sorted sets': `
    ZADD a 1 x 2 y 3 z
    ZADD b 10 y 20 z 30 w
    SADD s x w v
    ZUNION 2 a b
    ZUNION 3 a b s WITHSCORES
    ZUNION 2 a b WEIGHTS 2 -1 WITHSCORES
    ZUNION 2 a b AGGREGATE MAX WITHSCORES WEIGHTS 1 0.5
    ZUNION 2 a b AGGREGATE MIN WITHSCORES
    ZUNION 2 a b AGGREGATE FOO
    ZUNION 2 a b WEIGHTS 1
    ZUNION 2 a b WEIGHTS 1 x
    ZUNION 0 a
    ZUNION -1 a
    ZUNION x a
    ZUNION 3 a b
    ZINTER 2 a b WITHSCORES
    ZINTER 2 a s WITHSCORES
    ZINTER 2 a none WITHSCORES
    ZINTER 2 a a WITHSCORES
    ZDIFF 2 a b WITHSCORES
    ZDIFF 2 none a
    ZDIFF 2 a b WEIGHTS 1 1
    ZINTERCARD 2 a b
    ZINTERCARD 2 a b LIMIT 1
    ZINTERCARD 2 a b LIMIT -1
    ZINTERCARD 2 a b LIMIT -1 FOO
    ZINTERCARD 2 a b FOO
    ZUNIONSTORE d 2 a b
    ZRANGE d 0 -1 WITHSCORES
    ZINTERSTORE d 2 a b WEIGHTS 1 2 AGGREGATE MAX
    ZRANGE d 0 -1 WITHSCORES
    ZDIFFSTORE d 2 a b
    ZRANGE d 0 -1 WITHSCORES
    ZUNIONSTORE d 2 a b WITHSCORES
    ZINTERSTORE d 2 a none
    EXISTS d
    ZUNIONSTORE a 2 a a
    ZRANGE a 0 -1 WITHSCORES
    ZADD i inf x
    ZADD j -inf x
    ZUNION 2 i j WITHSCORES
    ZUNION 1 i WEIGHTS 0 WITHSCORES
    HSET h f 1
    ZUNION 2 a h FOO
    ZINTERCARD 2 none h
    ZUNIONSTORE h 1 a
    TYPE h
    ZDIFFSTORE h 1 none
    EXISTS h`,
  'wrong types': `
    SET str x
    HSET str a 1
    HSET str a
    HSETNX str a 1
    HGET str a
    HMGET str a
    HGETALL str
    HLEN str
    HDEL str a
    HINCRBY str a x
    HINCRBY str a 1
    HINCRBYFLOAT str a 1
    HSCAN str 0 FOO
    HSCAN str x
    HRANDFIELD str
    HRANDFIELD str x
    SADD str a
    SREM str a
    SMEMBERS str
    SISMEMBER str a
    SMISMEMBER str a
    SCARD str
    SPOP str
    SPOP str -1
    SPOP str 0
    SRANDMEMBER str
    SRANDMEMBER str 0
    SSCAN str 0
    SADD s a
    SMOVE s str a
    SMOVE str s a
    SMOVE none str a
    ZADD str 1 a
    ZADD str x a
    ZINCRBY str 1 a
    ZREM str a
    ZSCORE str a
    ZMSCORE str a
    ZCARD str
    ZRANK str a
    ZCOUNT str 0 1
    ZLEXCOUNT str - +
    ZLEXCOUNT str x +
    ZRANGE str 0 1
    ZRANGE str x 1
    ZRANGEBYSCORE str 0 1
    ZRANGEBYLEX str - +
    ZREMRANGEBYRANK str 0 1
    ZREMRANGEBYSCORE str 0 1
    ZPOPMIN str
    ZPOPMIN str -1
    ZPOPMIN str 0
    ZMPOP 1 str MIN
    ZMPOP 2 none str MIN
    BZPOPMIN str 1
    ZRANDMEMBER str
    ZSCAN str 0
    ZRANGESTORE d str 0 1
    ZUNIONSTORE str 1 none
    ZADD z 1 a
    SADD z a
    HSET z a 1
    SUNION z
    ZUNION 2 z s WITHSCORES
    HGET z a
    GET z
    ZADD s 1 a`,
};
