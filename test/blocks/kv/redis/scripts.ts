/** Commands, a line each; `""` is an empty argument. Their answers depend on nothing but what the lines before have done. */
export const scripts: Readonly<Record<string, string>> = {
  'keys that are there': `
    SET a 1
    SET b ""
    RPUSH l 1 2
    EXISTS a b c a
    TOUCH a c
    TYPE a
    TYPE l
    TYPE c
    KEYS *
    DBSIZE
    DEL a c a
    UNLINK b b
    EXISTS a b
    DEL
    EXISTS
    TYPE
    KEYS
    KEYS a b
    DBSIZE x
    RANDOMKEY
    RANDOMKEY x
    DEL l
    RANDOMKEY`,
  patterns: `
    MSET hello 1 hallo 1 hxllo 1 h*llo 1 heeeello 1 hbllo 1 "" 1
    KEYS h?llo
    KEYS h*llo
    KEYS h[ae]llo
    KEYS h[^e]llo
    KEYS h[a-b]llo
    KEYS h[b-a]llo
    KEYS h\\*llo
    KEYS h[\\*]llo
    KEYS h[*
    KEYS h[
    KEYS h[^
    KEYS h[a
    KEYS h[a-
    KEYS h\\
    KEYS hello\\
    KEYS **
    KEYS *l*l*
    KEYS ?
    KEYS ""
    KEYS [a-z]*[^x]`,
  renaming: `
    RENAME a b
    RENAMENX a b
    RENAME a a
    SET a 1 EXAT 4000000000
    RENAME a b
    EXPIRETIME b
    SET a 2
    RENAMENX a b
    RENAMENX a a
    RENAME a a
    RENAME a b
    EXPIRETIME b
    GET b
    RPUSH l 1 2 3
    RENAMENX l m
    LRANGE m 0 -1
    RENAME m b
    LRANGE b 0 -1
    RPUSH b 4
    KEYS *
    RENAME a`,
  'moving and copying': `
    MOVE a 0
    MOVE a 1
    MOVE a 16
    MOVE a -1
    MOVE a x
    MOVE a 99999999999
    MOVE a 9999999999999999999
    RPUSH a 1 2
    MOVE a 3
    EXISTS a
    SET a s
    MOVE a 3
    GET a
    COPY a a
    COPY n a
    COPY a b
    COPY a b
    COPY a b REPLACE
    COPY a b DB
    COPY a b DB x
    COPY a b DB 16
    COPY a b DB 99999999999
    COPY a b REPLACE DB 2
    COPY a b REPLACE DB 2 REPLACE
    COPY a b DB 2
    COPY a a DB 4
    COPY a b FOO
    COPY a
    RPUSH l 1 2 3
    EXPIREAT l 4000000000
    COPY l k
    EXPIRETIME k
    RPUSH l 4
    LRANGE k 0 -1
    DEL l
    LRANGE k 0 -1
    COPY k a REPLACE
    LRANGE a 0 -1`,
  'swapping databases': `
    SWAPDB a 0
    SWAPDB 0 a
    SWAPDB 0 16
    SWAPDB -1 0
    SWAPDB 0 99999999999
    SWAPDB 0
    SWAPDB 0 0
    SET a 1
    RPUSH l 1 2
    SWAPDB 0 5
    DBSIZE
    GET a
    SET a 2
    SWAPDB 5 0
    DBSIZE
    GET a
    LRANGE l 0 -1
    FLUSHDB x
    FLUSHDB ASYNC SYNC
    FLUSHDB async
    DBSIZE
    SWAPDB 0 5
    GET a
    FLUSHALL foo
    FLUSHALL sync
    DBSIZE`,
  expiry: `
    EXPIRE n 10
    TTL n
    PTTL n
    EXPIRETIME n
    PEXPIRETIME n
    PERSIST n
    SET a 1
    TTL a
    PTTL a
    EXPIRETIME a
    PERSIST a
    EXPIRE a 100
    TTL a
    EXPIRE a 50 GT
    EXPIRE a 200 GT
    EXPIRE a 300 LT
    EXPIRE a 100 LT
    EXPIRE a 100 NX
    EXPIRE a 100 XX
    TTL a
    PERSIST a
    TTL a
    EXPIRE a 100 XX
    EXPIRE a 100 GT
    EXPIRE a 100 LT
    PERSIST a
    EXPIRE a 100 nx
    EXPIREAT a 4000000000
    EXPIRETIME a
    PEXPIRETIME a
    PEXPIREAT a 4000000000499
    EXPIRETIME a
    PEXPIREAT a 4000000000500
    EXPIRETIME a
    PEXPIRE a 100000
    TTL a
    EXPIRE a
    EXPIRE a x
    EXPIRE a 1.5
    EXPIRE a 10 FOO
    EXPIRE a x FOO
    EXPIRE a 10 NX XX
    EXPIRE a 10 NX GT
    EXPIRE a 10 GT LT
    EXPIRE a 10 XX GT
    EXPIRE a 9223372036854775
    EXPIRE a 9223372036854776
    EXPIRE a -9223372036854776
    EXPIREAT a 9223372036854776
    PEXPIRE a 9223372036854775807
    PEXPIRE a 9223372036854770000
    PEXPIREAT a 9223372036854775808
    EXISTS a
    EXPIRE a 0
    EXISTS a
    SET a 1
    EXPIRE a -10 LT
    EXISTS a
    SET a 1 EXAT 4000000000
    EXPIREAT a 1000 GT
    PEXPIREAT a 1000
    EXISTS a
    RPUSH l 1 2
    EXPIRE l 100
    TTL l
    RPUSH l 3
    TTL l
    PERSIST l
    LRANGE l 0 -1
    PEXPIRE l -1
    EXISTS l
    RPUSH l 9
    LRANGE l 0 -1`,
  scanning: `
    SCAN 0
    MSET a 1 ab 1 abc 1 b 1 bc 1
    RPUSH al 1
    SCAN 0 COUNT 100
    SCAN 0 COUNT 100 MATCH ab*
    SCAN 0 MATCH a COUNT 100
    SCAN 0 MATCH a? COUNT 100 TYPE string
    SCAN 0 TYPE LIST COUNT 100
    SCAN 0 TYPE foo COUNT 100
    SCAN x
    SCAN 1x
    SCAN 99999999999999999999999
    SCAN 0 COUNT
    SCAN 0 COUNT 0
    SCAN 0 COUNT -1
    SCAN 0 COUNT x
    SCAN 0 MATCH
    SCAN 0 FOO 1
    SCAN 0 COUNT 0 COUNT x
    SCAN`,
  encodings: `
    OBJECT
    OBJECT FOO
    OBJECT FOO a b
    OBJECT ENCODING
    OBJECT ENCODING a b
    OBJECT ENCODING a
    OBJECT FREQ a
    OBJECT REFCOUNT a
    SET a 123
    OBJECT ENCODING a
    SET a -9223372036854775808
    OBJECT ENCODING a
    SET a 9223372036854775808
    OBJECT ENCODING a
    SET a 007
    OBJECT ENCODING a
    SET a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    OBJECT ENCODING a
    SET a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    OBJECT ENCODING a
    OBJECT refcount a
    OBJECT FREQ a
    RPUSH l 1
    OBJECT ENCODING l`,
  'sorting lists': `
    RPUSH l 3 1 10 2
    SORT l
    SORT l DESC
    SORT l ALPHA
    SORT l ALPHA DESC
    SORT l LIMIT 1 2
    SORT l LIMIT -5 2
    SORT l LIMIT 1 -1
    SORT l LIMIT 1 -7
    SORT l LIMIT 9 2
    SORT l LIMIT 1 9223372036854775807
    SORT l LIMIT 9223372036854775807 9223372036854775807
    SORT l LIMIT 1
    SORT l LIMIT 1 x
    SORT l FOO
    SORT l BY
    SORT l GET
    SORT l STORE
    SORT_RO l STORE d
    SORT_RO l DESC
    MSET w1 5 w2 1 w3 7 w10 6 v1 one v2 two
    SORT l BY w*
    SORT l BY w* DESC
    SORT l BY w* GET # GET v* GET w* GET none GET *
    SORT l BY nosort
    SORT l BY nosort DESC
    SORT l BY nosort LIMIT 1 2
    SORT l BY v* ALPHA
    SORT l BY v* ALPHA DESC
    SORT l BY v*
    SORT l BY none*
    SORT l BY none* ALPHA
    SORT l BY w*->f
    SORT l BY w*->
    SORT l BY l*
    SORT l GET w*->f GET w*-> GET l*
    SORT l BY w* STORE d
    LRANGE d 0 -1
    SORT l BY w* GET v* STORE d
    LRANGE d 0 -1
    SORT l LIMIT 9 9 STORE d
    EXISTS d
    SET d x
    EXPIRE d 100
    SORT l STORE d
    TTL d
    TYPE d
    SORT l STORE l
    LRANGE l 0 -1
    RPUSH l 5
    LRANGE l 0 -1
    SORT n
    SORT n STORE l
    EXISTS l
    SET s x
    SORT s
    SORT s STORE d
    SORT s FOO
    RPUSH t 1 x
    SORT t
    SORT t STORE d
    LRANGE d 0 -1
    SORT t ALPHA
    DEL t
    RPUSH t 1.5 -2 1e3 0x10 inf -inf "" +4 .5 5. 1.5
    SORT t
    SORT t DESC
    DEL t
    RPUSH t nan
    SORT t
    SORT t BY nosort
    SORT
    SORT_RO`,
  'about the server': `
    FUNCTION
    FUNCTION FLUSH
    FUNCTION FLUSH SYNC
    FUNCTION FLUSH foo
    FUNCTION LIST
    FUNCTION LIST WITHCODE LIBRARYNAME x
    FUNCTION LIST foo
    FUNCTION LIST LIBRARYNAME
    FUNCTION foo
    MEMORY USAGE n
    MEMORY USAGE
    MEMORY USAGE n SAMPLES
    MEMORY USAGE n SAMPLES x
    MEMORY USAGE n SAMPLES -1
    MEMORY USAGE n FOO 1
    MEMORY foo
    MEMORY
    WAIT 0 0
    WAIT 1 1
    WAIT -1 0
    WAIT 1 -1
    WAIT x 1
    WAIT 1 x
    CONFIG
    CONFIG foo
    CONFIG GET
    CONFIG SET
    CONFIG SET save
    CONFIG SET hash-max-listpack-entries 5 x
    CONFIG SET nonesuch 1
    CONFIG SET databases 17
    CONFIG SET databases 16
    CONFIG SET hash-max-listpack-entries x
    CONFIG SET hash-max-listpack-entries -1
    CONFIG SET set-max-intset-entries 5 set-max-intset-entries 6
    CONFIG SET set-max-intset-entries 5 list-compress-depth x
    CONFIG GET set-max-int*
    CONFIG SET SET-MAX-INTSET-ENTRIES 7 list-max-listpack-size -1
    CONFIG GET SET-MAX-I*
    CONFIG GET databases databases
    CONFIG GET nonesuch
    CONFIG REWRITE
    CONFIG REWRITE x
    CONFIG RESETSTAT
    CONFIG RESETSTAT x
    TIME x
    LASTSAVE x`,
  'hashes and sets as any key': `
    HSET h a 1 b 2
    SADD s 1 2 3
    OBJECT ENCODING h
    OBJECT ENCODING s
    SADD s x
    OBJECT ENCODING s
    SADD t 9223372036854775807 -1
    OBJECT ENCODING t
    SADD t 9223372036854775808
    OBJECT ENCODING t
    HSET h aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1
    OBJECT ENCODING h
    EXPIREAT h 4000000000
    COPY h i
    EXPIRETIME i
    HGET i b
    HSET i b 3
    HGET h b
    DEL h
    HLEN i
    RENAME i s
    TYPE s
    HDEL s a b aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    EXISTS s
    SADD u 1
    MOVE u 9
    SADD u 2
    MOVE u 9
    SWAPDB 0 9
    SCARD u
    SISMEMBER u 1
    SWAPDB 0 9
    SISMEMBER u 2`,
  'sorting sets': `
    SADD s 3 1 10 2
    HSET o1 w 5 v one
    HSET o2 w 1 v two
    HSET o3 w 7 v three
    SET o10 x
    SORT s
    SORT s DESC LIMIT 0 2
    SORT s ALPHA
    SORT s BY o*->w
    SORT s BY o*->w GET # GET o*->v GET o*->none
    SORT s BY o*->v ALPHA
    SORT s BY o*->v ALPHA DESC
    SORT s BY o*->v
    SORT s BY nosort STORE d
    LRANGE d 0 -1
    SORT s BY nosort DESC STORE d
    LRANGE d 0 -1
    SORT s BY o*->w LIMIT 1 2 GET o*->v STORE d
    LRANGE d 0 -1
    SORT o1
    SORT_RO s DESC
    SORT s STORE s
    TYPE s`,
};
