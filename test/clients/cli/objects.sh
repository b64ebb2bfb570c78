# The scenario of objects. Each step builds on those before it.

bucket="cli-$$"
# Spaces, a plus, percent signs, letters beyond ASCII and beyond 16 bits.
odd_key="größe/a b+c%20d&e=f/🐢 żółw.jpg"
SYNCED_FILES=1000

object_scenario() {
  folder=$(mktemp -d)
  printf 'body' >"$folder/small"
  head -c $((20 * 1024 * 1024)) /dev/urandom >"$folder/large"
  step "a bucket is made and listed" made_bucket
  step "files go up, are listed, and come down" up_and_down
  step "20 MB go up and come down in parts" in_parts
  step "objects are copied, moved and removed" copied_and_moved
  step "what is stored with an object comes back" stored_with
  step "parts are read, and unchanged objects are not" parts_and_conditions
  step "a listing shows folders, page by page" listed_folders
  step "many are deleted at once" many_deleted
  step "a presigned URL is good without keys" presigned
  step "a tree of $SYNCED_FILES files is synchronised up, down, and again with nothing to do" synchronised
  step "only what changed is synchronised" changed
  step "what is wrong is refused with its code" wrong_object_calls
  step "a bucket is removed with all that is in it" removed_bucket
  rm -rf "$folder"
}

made_bucket() {
  s3 mb "s3://$bucket"
  # Not by grep -q: it would leave before it was told all, and the CLI would fail at that.
  same "$(s3 ls | grep -c " $bucket\$")" 1
  s3api head-bucket --bucket "$bucket"
}

up_and_down() {
  for key in plain.txt "$odd_key"; do
    s3 cp --quiet "$folder/small" "s3://$bucket/up/$key"
    s3 cp --quiet "s3://$bucket/up/$key" "$folder/down"
    cmp "$folder/small" "$folder/down"
    same "$(s3 ls "s3://$bucket/up/$key" | awk '{print $3}')" 4
  done
  same "$(s3 cp "s3://$bucket/up/plain.txt" -)" body
  same "$(printf 'from a pipe' | s3 cp - "s3://$bucket/up/pipe" && s3 cp "s3://$bucket/up/pipe" -)" "from a pipe"
  same "$(s3 ls --recursive "s3://$bucket/up/" | wc -l)" 3
}

in_parts() {
  s3 cp --quiet "$folder/large" "s3://$bucket/large"
  s3 cp --quiet "s3://$bucket/large" "$folder/large-down"
  cmp "$folder/large" "$folder/large-down"
  s3 cp --quiet "s3://$bucket/large" "s3://$bucket/large-copy"
  s3 cp --quiet "s3://$bucket/large-copy" "$folder/large-down"
  cmp "$folder/large" "$folder/large-down"
  same "$(s3api head-object --bucket "$bucket" --key large --query ETag --output text | grep -c -- '-3"')" 1
}

copied_and_moved() {
  s3 cp --quiet "s3://$bucket/up/$odd_key" "s3://$bucket/copied/$odd_key"
  s3 mv --quiet "s3://$bucket/copied/$odd_key" "s3://$bucket/moved"
  same "$(s3 cp "s3://$bucket/moved" -)" body
  same "$(s3 ls "s3://$bucket/copied/" || true)" ""
  s3 rm --quiet "s3://$bucket/moved"
  refused 404 s3api head-object --bucket "$bucket" --key moved
}

stored_with() {
  s3api put-object --bucket "$bucket" --key photo --body "$folder/small" --content-type image/jpeg --cache-control max-age=60 \
    --metadata camera=Pentax,film=HP5 --tagging team=photos
  local wanted='[ContentType, CacheControl, Metadata.camera, Metadata.film]'
  same "$(s3api head-object --bucket "$bucket" --key photo --query "$wanted" --output text)" $'image/jpeg\tmax-age=60\tPentax\tHP5'
  same "$(s3api get-object-tagging --bucket "$bucket" --key photo --query 'TagSet[].[Key, Value]' --output text)" $'team\tphotos'
  s3api copy-object --bucket "$bucket" --key photo --copy-source "$bucket/photo" --metadata-directive REPLACE --content-type text/plain
  same "$(s3api head-object --bucket "$bucket" --key photo --query "$wanted" --output text)" $'text/plain\tNone\tNone\tNone'
}

parts_and_conditions() {
  local etag
  etag=$(s3api put-object --bucket "$bucket" --key letters --body "$folder/small" --query ETag --output text)
  s3api get-object --bucket "$bucket" --key letters --range bytes=1-2 "$folder/part"
  same "$(cat "$folder/part")" od
  refused 304 s3api get-object --bucket "$bucket" --key letters --if-none-match "$etag" "$folder/part"
  refused PreconditionFailed s3api get-object --bucket "$bucket" --key letters --if-match '"other"' "$folder/part"
}

listed_folders() {
  for number in 1 2 3 4 5; do s3api put-object --bucket "$bucket" --key "list/$((number % 2)) ä/$number" --body "$folder/small"; done
  same "$(s3api list-objects-v2 --bucket "$bucket" --prefix list/ --page-size 2 --query 'Contents[].Key' --output text | tr '\t' '\n')" \
    $'list/0 ä/2\nlist/0 ä/4\nlist/1 ä/1\nlist/1 ä/3\nlist/1 ä/5'
  same "$(s3api list-objects-v2 --bucket "$bucket" --prefix list/ --delimiter / --query 'CommonPrefixes[].Prefix' --output text)" $'list/0 ä/\tlist/1 ä/'
  same "$(s3api list-objects --bucket "$bucket" --prefix list/ --max-items 4 --page-size 2 --query 'length(Contents)')" 4
  same "$(s3 ls "s3://$bucket/list/" | sed 's/^ *//')" $'PRE 0 ä/\nPRE 1 ä/'
}

many_deleted() {
  local keys='{"Objects":[{"Key":"list/0 ä/2"},{"Key":"list/0 ä/4"},{"Key":"never there"}]}'
  same "$(s3api delete-objects --bucket "$bucket" --delete "$keys" --query 'length(Deleted)')" 3
  same "$(s3 ls --recursive "s3://$bucket/list/" | wc -l)" 3
  s3 rm --quiet --recursive "s3://$bucket/list/"
  same "$(s3 ls "s3://$bucket/list/" || true)" ""
}

presigned() {
  local url
  url=$(s3 presign "s3://$bucket/up/$odd_key" --expires-in 60)
  same "$(curl -s "$url")" body
  if [ "$MILLRACE_MODE" = keys ]; then same "$(curl -s -o "$folder/refused" -w '%{http_code}' "${url/Signature=/Signature=0}")" 403; fi
}

synchronised() {
  make_tree "$folder/tree"
  same "$(s3 sync "$folder/tree" "s3://$bucket/tree" | grep -c 'upload: ')" "$SYNCED_FILES"
  s3 sync --quiet "s3://$bucket/tree" "$folder/back"
  diff -r "$folder/tree" "$folder/back"
  same "$(s3 sync "$folder/tree" "s3://$bucket/tree")" ""
  same "$(s3 sync "s3://$bucket/tree" "$folder/back")" ""
}

# Files of 0 to 20 KB in 20 folders, with names that need care. They are an hour old: LastModified has whole seconds, so what
# changes less than a second before it is uploaded seems newer than its object, and the CLI uploads it again.
make_tree() {
  node -e '
    const fs = require("fs");
    const [, folder, count] = process.argv;
    for (let number = 0; number < Number(count); number += 1) {
      const path = `${folder}/${number % 10}/größe ${number % 4}`;
      fs.mkdirSync(path, { recursive: true });
      const file = `${path}/${number} + ż.bin`;
      fs.writeFileSync(file, Buffer.alloc((number * 37) % 20000, `${number} `));
      fs.utimesSync(file, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
    }
  ' "$1" "$SYNCED_FILES"
}

changed() {
  printf 'changed, and longer' >"$folder/tree/1/größe 1/1 + ż.bin"
  rm "$folder/tree/2/größe 2/2 + ż.bin"
  same "$(s3 sync --delete --no-progress "$folder/tree" "s3://$bucket/tree" | sed 's/:.*//' | sort | tr '\n' ' ')" "delete upload "
  s3 sync --quiet --delete "s3://$bucket/tree" "$folder/back"
  diff -r "$folder/tree" "$folder/back"
}

wrong_object_calls() {
  refused NoSuchKey s3api get-object --bucket "$bucket" --key nowhere "$folder/nothing"
  refused NoSuchBucket s3api list-objects-v2 --bucket nobody-made-it
  refused BucketNotEmpty s3api delete-bucket --bucket "$bucket"
  refused InvalidRange s3api get-object --bucket "$bucket" --key letters --range bytes=100- "$folder/nothing"
}

removed_bucket() {
  s3 rb --force "s3://$bucket" >"$folder/removed"
  refused NoSuchBucket s3api list-objects-v2 --bucket "$bucket"
}

s3() { aws_here s3 "$@"; }
s3api() { aws_here s3api "$@"; }
